#!/usr/bin/env python3
"""Encrypts and decrypts real files with leafseal and with SOPS, and compares.

usage: scripts/compare_files.py [--program FILE] FOLDER...

Looks through the folders for YAML, JSON, dotenv and INI files. Each one is encrypted by both
programs. Where both do, three things must hold:

- decrypted by leafseal, its own file is the file, byte for byte;
- decrypted by SOPS, leafseal's file has the values that SOPS finds in its own;
- decrypted by leafseal, SOPS's file has those values too.

What only one of them encrypts is listed with the reason. Nothing is written outside a scratch
folder. Ends with 1 if something does not hold.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYS = ROOT / "fixtures/vectors/keys/age1.txt"
RECIPIENT = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2"
KINDS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".env": "dotenv", ".ini": "ini"}
LIMIT = 1_000_000


def find_files(folders):
    """Yields every file of a known kind, largest ones left out."""
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            kind = KINDS.get(path.suffix) or ("dotenv" if path.name == ".env" else None)
            if kind and path.is_file() and not path.is_symlink() and path.stat().st_size <= LIMIT:
                yield path, kind


class Program:
    """One of the two programs."""

    def __init__(self, file):
        self.file = str(file)
        variables = {"SOPS_AGE_KEY_FILE": str(KEYS), "SOPS_DISABLE_VERSION_CHECK": "true"}
        self.environment = {**os.environ, **variables}

    def run(self, folder, *arguments):
        """Gives the output, or nothing and the complaint."""
        command = [self.file, *arguments]
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, check=False
        )
        if done.returncode == 0:
            return done.stdout, ""
        return None, done.stderr.decode("utf-8", "replace")

    def encrypt(self, folder, name, kind):
        types = ("--input-type", kind, "--output-type", kind)
        return self.run(folder, "encrypt", "--age", RECIPIENT, *types, name)

    def decrypt(self, folder, name, kind, output=None):
        types = ("--input-type", kind, "--output-type", output or kind)
        return self.run(folder, "decrypt", *types, name)


def values(reference, folder, name, kind):
    """What SOPS finds in an encrypted file: as JSON, and all documents as it prints them."""
    as_json, problem = reference.decrypt(folder, name, kind, "json")
    if as_json is None:
        return None, problem
    printed, problem = reference.decrypt(folder, name, kind)
    if printed is None:
        return None, problem
    data = json.dumps(json.loads(as_json), sort_keys=False)
    return (data, data_lines(printed, kind)), ""


def data_lines(text, kind):
    """The lines of a printed file without comments and blank lines."""
    marks = {"yaml": b"#", "dotenv": b"#", "ini": (b"#", b";")}.get(kind)
    lines = [line.split(b" #")[0].rstrip() if kind == "yaml" else line for line in text.split(b"\n")]
    kept = [line for line in lines if line.strip()]
    return [line for line in kept if not (marks and line.lstrip().startswith(marks))]


def is_alike(found, wanted):
    """SOPS moves lines where it prints comments, and breaks {} and [] that have one behind them."""
    return sorted(found) == sorted(wanted) or b"".join(found).split() == b"".join(wanted).split()


def compare(ours, reference, path, kind):
    """Returns what became of a file, and why."""
    text = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        name = "file"
        scratch = pathlib.Path(folder)
        (scratch / name).write_bytes(text)
        our_file, our_problem = ours.encrypt(folder, name, kind)
        their_file, their_problem = reference.encrypt(folder, name, kind)
        if our_file is None or their_file is None:
            if our_file is None and their_file is None:
                return "refused by both", our_problem
            if our_file is None:
                return "refused by leafseal alone", our_problem
            return "refused by SOPS alone", their_problem
        (scratch / "ours").write_bytes(our_file)
        (scratch / "theirs").write_bytes(their_file)
        back, problem = ours.decrypt(folder, "ours", kind)
        if back != text:
            return "FAILS: other bytes", problem
        wanted, problem = values(reference, folder, "theirs", kind)
        if wanted is None:
            found, _ = values(reference, folder, "ours", kind)
            if found is None:
                return "FAILS: SOPS does not read ours, nor its own", problem
            return "SOPS reads ours, but not its own", problem
        found, problem = values(reference, folder, "ours", kind)
        if found is None or found[0] != wanted[0] or not is_alike(found[1], wanted[1]):
            return "FAILS: SOPS finds other values", problem
        crossed, problem = ours.decrypt(folder, "theirs", kind)
        if crossed is None:
            return "FAILS: leafseal does not read the file of SOPS", problem
        return cross_check(reference, scratch, crossed, kind, wanted)


def cross_check(reference, scratch, crossed, kind, wanted):
    """Checks what leafseal makes of the file of SOPS: encrypted again, it has the same values."""
    (scratch / "crossed").write_bytes(crossed)
    again, problem = reference.encrypt(str(scratch), "crossed", kind)
    if again is None:
        return "FAILS: the file of SOPS comes back as something else", problem
    (scratch / "again").write_bytes(again)
    found, problem = values(reference, str(scratch), "again", kind)
    if found is None or found[0] != wanted[0]:
        return "FAILS: leafseal finds other values in the file of SOPS", problem
    return "same in both", ""


def report(results):
    """Prints the figures; tells whether everything holds."""
    table = collections.defaultdict(lambda: [0, 0])
    reasons = collections.Counter()
    for path, kind, size, outcome, reason in results:
        table[kind, outcome][0] += 1
        table[kind, outcome][1] += size
        if outcome != "same in both" and outcome != "refused by both":
            line = reason.strip().split("\n")[0].replace(str(path), "FILE")
            reasons[outcome, line[-150:]] += 1
        if outcome.startswith("FAILS"):
            print(f"{path}: {outcome}: {reason.strip()[:300]}")
    print(f"{'kind':8} {'outcome':45} {'files':>6} {'bytes':>12}")
    for (kind, outcome), (count, size) in sorted(table.items()):
        print(f"{kind:8} {outcome:45} {count:6} {size:12}")
    for (outcome, reason), count in reasons.most_common(40):
        print(f"{count:5} {outcome}: {reason}")
    return not any(outcome.startswith("FAILS") for _, outcome in table)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=ROOT / "target/release/leafseal")
    parser.add_argument("folder", nargs="+")
    arguments = parser.parse_args()
    ours = Program(arguments.program)
    reference = Program(ROOT / "target/peers/sops")
    files = list(find_files(arguments.folder))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = pool.map(lambda file: compare(ours, reference, *file), files)
        results = [
            (path, kind, path.stat().st_size, *outcome)
            for (path, kind), outcome in zip(files, outcomes)
        ]
    sys.exit(0 if report(results) else 1)


if __name__ == "__main__":
    main()
