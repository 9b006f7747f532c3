"""Runs the program where the metadata service has its address; wants a network of its own."""

import socket
import subprocess
import sys
import tempfile
import time

import vault

program = sys.argv[1]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "addr", "add", "169.254.169.254/32", "dev", "lo"], check=True)
folder = tempfile.mkdtemp()
world = vault.World(folder)
port = vault.listen(world, ("127.0.0.1", 0))
version = world.command({"do": "key", "host": "test-vault.vault.azure.net", "name": "k"})
address = f"https://test-vault.vault.azure.net/keys/k/{version}"


def run(*arguments, **variables):
    environment = {
        "PATH": "/usr/bin:/bin", "HTTPS_PROXY": f"http://127.0.0.1:{port}",
        "HTTP_PROXY": f"http://127.0.0.1:{port}", "SSL_CERT_FILE": f"{folder}/ca.pem",
        "HOME": folder, **variables,
    }
    start = time.time()
    answer = subprocess.run([program, *arguments], cwd=folder, env=environment, text=True,
                            capture_output=True, check=False)
    return answer, time.time() - start


with open(f"{folder}/plain.yaml", "w", encoding="ascii") as file:
    file.write("a: b\n")
secret = {"AZURE_TENANT_ID": vault.TENANT, "AZURE_CLIENT_ID": vault.CLIENT,
          "AZURE_CLIENT_SECRET": vault.SECRET}
answer, _ = run("encrypt", "--azure-kv", address, "plain.yaml", **secret)
assert answer.returncode == 0, answer.stderr
with open(f"{folder}/file.yaml", "w", encoding="ascii") as file:
    file.write(answer.stdout)

# nobody listens there
answer, took = run("decrypt", "file.yaml")
words = " ".join(word for word in answer.stderr.split() if word != "|")
assert answer.returncode == 128 and "no managed identity endpoint answers here" in words, words
assert took < 4, took

# somebody listens there and is silent
silent = socket.create_server(("169.254.169.254", 80))
answer, took = run("decrypt", "file.yaml")
words = " ".join(word for word in answer.stderr.split() if word != "|")
assert answer.returncode == 128 and "no managed identity endpoint answers here" in words, words
assert 1 <= took < 4, took
silent.close()

# no names are known here
world.command({"do": "log"})
answer, took = run("decrypt", "file.yaml", NO_PROXY=".vault.azure.net", **secret)
words = " ".join(word for word in answer.stderr.split() if word != "|")
assert "test-vault.vault.azure.net: the name does not resolve: " in words, words
assert "hint: check the name of the vault; one that was deleted has no address" in words, words
assert answer.returncode == 128 and took < 6, took
# which NO_PROXY kept from the proxy
assert world.command({"do": "log"}) == []
print("alone")

vault.listen(world, ("169.254.169.254", 80))
answer, _ = run("decrypt", "file.yaml")
assert answer.stdout == "a: b\n", answer.stderr
calls = [call for call in world.command({"do": "log"}) if call["host"] == "identity"]
assert all(call["path"].startswith("/metadata/identity/oauth2/token") for call in calls), calls
assert "Metadata: true" in calls[-1]["raw"].replace("metadata: true", "Metadata: true"), calls
# with this kind alone there is no probe
answer, _ = run("decrypt", "file.yaml", AZURE_TOKEN_CREDENTIALS="ManagedIdentityCredential")
assert answer.stdout == "a: b\n", answer.stderr
calls = [call for call in world.command({"do": "log"}) if call["host"] == "identity"]
assert len(calls) == 1, calls
print("used")

# a machine without an identity leaves it to the next; one that was named and is not there does not
body = {"error": "invalid_request", "error_description": "Identity not found"}
rules = [{"host": "identity", "status": 400, "body": body}]
world.command({"do": "rules", "rules": rules})
answer, _ = run("decrypt", "file.yaml")
assert "AzureCLICredential" in answer.stderr, answer.stderr
answer, _ = run("decrypt", "file.yaml", AZURE_CLIENT_ID=vault.CLIENT)
assert "AzureCLICredential" not in answer.stderr and "Identity not found" in answer.stderr
print("absent")

# something else answers there
for status, text in ((403, "<html>blocked</html>"), (200, "hello"), (404, "")):
    rules = [{"host": "identity", "status": status, "body": text}]
    world.command({"do": "rules", "rules": rules})
    answer, took = run("decrypt", "file.yaml")
    assert "AzureCLICredential" in answer.stderr and took < 6, (took, answer.stderr)
print("foreign")
