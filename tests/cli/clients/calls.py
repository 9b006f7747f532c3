"""Calls the program through sopsy, and prints what came back as JSON."""

import json
import sys
from pathlib import Path

from sopsy import Sops, SopsyCommandFailedError, SopsyInOutType, SopsyInputSource

RECIPIENT = sys.argv[1]
RULES = {"creation_rules": [{"age": RECIPIENT}]}
# in the spelling of the reference, so that both programs can give the same text
TEXT = '{\n\t"a": 1,\n\t"b": {\n\t\t"c": "two"\n\t}\n}\n'
DOTENV = "A=1\nB=two words\n"


def failure(call):
    try:
        return {"returned": str(call())}
    except SopsyCommandFailedError:
        return "SopsyCommandFailedError"


def from_stdin(text, kind, **options):
    source = {"input_source": SopsyInputSource.STDIN, "input_type": kind}
    return Sops(text, config_dict=RULES, **source, **options)


def main():
    results = {
        "decrypt": Sops("file.yaml").decrypt(),
        "decrypt as text": Sops("secret.env").decrypt(to_dict=False).decode(),
        "decrypt as json": Sops("file.yaml", output_type=SopsyInOutType.JSON).decrypt(),
        "extract": Sops("file.yaml", extract='["password"]').decrypt(to_dict=False).decode(),
        "get": Sops("file.yaml").get("port"),
        "get with a default": Sops(Path("file.yaml")).get("none", default="default"),
    }
    Path("own.json").write_text(TEXT)
    own = Sops("own.json", in_place=True, config_dict=RULES)
    results["encrypt in place"] = own.encrypt()
    results["recipients"] = [it["recipient"] for it in json.loads(Path("own.json").read_text())["sops"]["age"]]
    results["rotate in place"] = own.rotate()
    results["what was rotated"] = Sops("own.json").decrypt()
    Sops("own.json", output="copy.yaml", output_type="yaml").decrypt()
    results["output"] = Path("copy.yaml").read_text()
    for kind, text in (("json", TEXT), ("yaml", "a: 1\n"), ("dotenv", DOTENV), ("binary", "raw")):
        sealed = from_stdin(text, kind, output_type=kind).encrypt(to_dict=False)
        results[f"{kind} by stdin"] = from_stdin(sealed, kind, output_type=kind).decrypt(to_dict=False)
        Path(f"stdin.{kind}").write_text(sealed)
    results["encrypted twice"] = failure(lambda: Sops("own.json", config_dict=RULES).encrypt())
    results["not encrypted"] = failure(lambda: Sops("plain.yaml").decrypt())
    results["tampered"] = failure(lambda: Sops("tampered.yaml").decrypt())
    print(json.dumps(results, indent=2))


main()
