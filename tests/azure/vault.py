"""A small Entra and Key Vault behind the real host names, for tests.

An HTTP proxy that answers CONNECT itself, with certificates of a CA made for the run. Commands come
as lines of JSON on standard input, answers go to standard output; the first line gives the port.
"""

import json
import os
import re
import socket
import sys
import threading
import time
import urllib.parse
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from entra import CLIENT, SECRET, TENANT, Answer, Application, Authority
from entra import decode, encode, entra_error

VAULT = re.compile(
    r"^[0-9a-z-]{3,24}\.((?:vault|managedhsm)\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)"
    r"|vault\.microsoftazure\.de|vault\.example\.net)$"
)
LOGIN = {
    "login.microsoftonline.com", "login.chinacloudapi.cn", "login.microsoftonline.us",
    "login.microsoftonline.de", "login.example.net",
}
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def vault_error(status, code, message, inner=None):
    error = {"code": code, "message": message}
    if inner:
        error["innererror"] = {"code": inner}
    return Answer(status, {"error": error})


class World:
    """Everything that the hosts know."""

    def __init__(self, folder):
        self.lock = threading.RLock()
        self.folder = folder
        self.authority = Authority(folder)
        self.stranger = Authority(folder, "stranger")
        self.application = Application(folder)
        self.log, self.rules, self.tokens, self.vaults = [], [], {}, {}
        # all requests ever, and the data keys in them
        self.history, self.clear = [], set()
        # how many requests with a token are under way, and were at most
        self.under_way, self.peak = 0, 0
        self.port = 0

    def command(self, command):
        with self.lock:
            name = command.pop("do")
            if name == "key":
                return self.add_version(**command)
            if name == "change":
                return self.change(**command)
            if name == "rules":
                self.rules = command["rules"]
                for rule in self.rules:
                    if "gather" in rule:
                        rule["barrier"] = threading.Barrier(rule["gather"], timeout=20)
            elif name == "peak":
                peak, self.peak = self.peak, 0
                return peak
            elif name == "log":
                log, self.log = self.log, []
                return log
            elif name == "clear":
                return sorted(self.clear)
            elif name == "leaks":
                return self.leaks()
            elif name == "token":
                return self.give(command["resource"])
            elif name == "expire":
                self.application.expired.add(SECRET)
            else:
                raise ValueError(name)
            return True

    def leaks(self):
        """Lists what went to hosts that it is not for, and forgets it."""
        federated = os.path.join(self.folder, "federated.jwt")
        with open(federated, encoding="ascii") as file:
            login = [SECRET, file.read().strip(), "client_assertion="]
        found = []
        for host, path, raw in self.history:
            raw = urllib.parse.unquote(raw)
            vault = VAULT.match(host)
            resource = vault and "https://" + vault.group(1)
            wrong = [text for text in login if host not in LOGIN]
            wrong += [token for token, of in self.tokens.items() if of != resource]
            wrong += [] if vault and "/encrypt?" in path else self.clear
            wrong += ["the-header"] if host != "identity" else []
            found += [f"{host} got {text}" for text in wrong if text in raw]
        self.history = []
        return found

    def add_version(self, host, name):
        version = uuid.uuid4().hex
        key = rsa.generate_private_key(65537, 2048)
        versions = self.vaults.setdefault(host, {}).setdefault(name, {})
        versions[version] = {"key": key, "enabled": True, "expired": False}
        return version

    def change(self, host, name, version=None, **fields):
        if version is None:
            del self.vaults[host][name]
        else:
            self.vaults[host][name][version].update(fields)
        return True

    def give(self, resource):
        token = f"TOKEN-{uuid.uuid4().hex}"
        self.tokens[token] = resource
        return token

    # requests

    def answer(self, host, method, target, headers, body):
        path, _, query = target.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        if host in LOGIN:
            return self.login(host, method, path, headers, body)
        if VAULT.match(host):
            with self.lock:
                return self.vault(host, method, path, query, headers, body)
        raise Answer(404, {"error": "nobody is here"})

    def login(self, host, method, path, headers, body):
        if path == "/common/discovery/instance":
            endpoint = f"https://{host}/{TENANT}/v2.0/.well-known/openid-configuration"
            raise Answer(200, {"tenant_discovery_endpoint": endpoint, "metadata": []})
        tenant, _, rest = path.lstrip("/").partition("/")
        if tenant != TENANT:
            raise entra_error(90002, f"Tenant '{tenant}' not found.", 400)
        base = f"https://{host}/{tenant}"
        if rest == "v2.0/.well-known/openid-configuration":
            raise Answer(200, {
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token", "issuer": f"{base}/v2.0",
            })
        if rest != "oauth2/v2.0/token" or method != "POST":
            raise Answer(404, {"error": "not_found"})
        form = dict(urllib.parse.parse_qsl(body.decode()))
        if form.get("client_id") != CLIENT:
            raise entra_error(700016, f"Application '{form.get('client_id')}' was not found.", 400)
        if form.get("grant_type") != "client_credentials":
            raise entra_error(70003, "The grant type is not supported.", 400)
        self.application.check(form, host)
        resource = form["scope"].split()[0].removesuffix("/.default")
        with self.lock:
            token = self.give(resource)
        raise Answer(200, {
            "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
            "access_token": token,
        })

    def vault(self, host, method, path, query, headers, body):
        resource = "https://" + VAULT.match(host).group(1)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token) != resource:
            login = f"https://login.microsoftonline.com/{TENANT}"
            challenge = f'Bearer authorization="{login}", resource="{resource}"'
            code = "AKV10000: Request is missing a Bearer or PoP token."
            if token:
                code = "AKV10022: Invalid audience."
            answer = vault_error(401, "Unauthorized", code)
            answer.headers["WWW-Authenticate"] = challenge
            raise answer
        if not query.get("api-version"):
            raise vault_error(400, "BadParameter", "api-version must be specified")
        found = re.fullmatch(r"/keys/([0-9A-Za-z-]{1,127})(?:/([0-9a-fA-F]{32})?(?:/(encrypt|decrypt))?)?", path)
        if not found:
            raise vault_error(400, "BadParameter", f"{path} is no key")
        name, version, action = found.groups()
        versions = self.vaults.get(host, {}).get(name, {})
        version = version or next(reversed(versions), None)
        if version not in versions:
            text = f"A key with (name/id) {name}/{version} was not found in this key vault."
            raise vault_error(404, "KeyNotFound", text)
        kid = f"https://{host}/keys/{name}/{version}"
        self.use(versions[version], kid, method, action, body)

    def use(self, entry, kid, method, action, body):
        key = entry["key"]
        if action is None and method == "GET":
            numbers = key.public_key().public_numbers()
            number = encode(numbers.n.to_bytes(256, "big"))
            jwk = {"kid": kid, "kty": "RSA", "n": number, "e": "AQAB",
                   "key_ops": ["encrypt", "decrypt"]}
            raise Answer(200, {"key": jwk, "attributes": {"enabled": entry["enabled"]}})
        if not entry["enabled"] and action == "decrypt":
            text = "Operation decrypt is not allowed on a disabled key."
            raise vault_error(403, "Forbidden", text, "KeyDisabled")
        if entry["expired"] and action == "encrypt":
            text = "Operation encrypt is not allowed on an expired key."
            raise vault_error(403, "Forbidden", text)
        request = json.loads(body)
        if request.get("alg") != "RSA-OAEP-256":
            raise vault_error(400, "BadParameter", "alg")
        value = decode(request["value"])
        if action == "encrypt":
            result = key.public_key().encrypt(value, OAEP)
        else:
            try:
                result = key.decrypt(value, OAEP)
                self.clear.add(encode(result))
            except ValueError:
                raise vault_error(400, "BadParameter", "The parameter is incorrect.") from None
        raise Answer(200, {"kid": kid, "value": encode(result)})

    def identity(self, target, headers, is_machine):
        query = dict(urllib.parse.parse_qsl(target.partition("?")[2]))
        if is_machine and headers.get("metadata", "").lower() != "true":
            raise Answer(400, {"error": "bad_request", "error_description": "no header Metadata"})
        if not is_machine and headers.get("x-identity-header") != "the-header":
            raise Answer(401, {"error": "unauthorized"})
        if query.get("client_id", CLIENT) != CLIENT:
            raise Answer(400, {"error": "invalid_request",
                               "error_description": "Identity not found"})
        with self.lock:
            token = self.give(query["resource"])
        raise Answer(200, {
            "access_token": token, "expires_on": str(int(time.time()) + 3600),
            "resource": query["resource"], "token_type": "Bearer",
        })


    def actions(self, target, headers):
        """Answers as the service that gives workflows of GitHub their tokens."""
        query = dict(urllib.parse.parse_qsl(target.partition("?")[2]))
        if headers.get("authorization") != "bearer request-token":
            raise Answer(401, {"message": "unauthorized"})
        if query.get("audience") != "api://AzureADTokenExchange":
            raise Answer(400, {"message": "the audience is another"})
        with open(os.path.join(self.folder, "federated.jwt"), encoding="ascii") as file:
            raise Answer(200, {"count": 1, "value": file.read()})


class Connection:
    """One connection of a client."""

    def __init__(self, world, stream):
        self.world, self.stream, self.buffer = world, stream, b""
        self.is_counted = False

    def read_request(self):
        while b"\r\n\r\n" not in self.buffer:
            data = self.stream.recv(65536)
            if not data:
                return None
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            data = self.stream.recv(65536)
            if not data:
                return None
            self.buffer += data
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return method, target, headers, body, head

    def send(self, answer):
        # before the client can go on
        self.uncount()
        headers = {"Content-Type": "application/json", "Content-Length": len(answer.body)}
        headers.update(answer.headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {answer.status} X\r\n{lines}\r\n".encode("latin-1")
        self.stream.sendall(head + answer.body)

    def serve(self):
        try:
            request = self.read_request()
            if request is None:
                return
            if request[0] == "CONNECT":
                self.tunnel(request[1])
            else:
                self.plain(request)
        except OSError:
            pass
        finally:
            self.stream.close()

    def plain(self, request):
        method, target, headers, body, head = request
        is_machine = target.startswith("/metadata/")
        host = "identity" if target.startswith(("/msi/", "/metadata/")) else "plain"
        host = "actions" if target.startswith("/actions/") else host
        self.respond(host, method, target, headers, body, head, is_machine)

    def tunnel(self, target):
        host, _, port = target.partition(":")
        self.record(host, "CONNECT", target, b"", b"", None)
        rule = self.rule(host, "CONNECT", target)
        if rule and rule.get("drop"):
            return
        if rule and rule.get("status"):
            self.send(Answer(rule["status"], rule.get("body", {}), rule.get("headers", {})))
            return
        self.stream.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        authority = self.world.stranger if rule and rule.get("stranger") else self.world.authority
        self.stream = authority.context(host).wrap_socket(self.stream, server_side=True)
        self.buffer = b""
        while (request := self.read_request()) is not None:
            method, target, headers, body, head = request
            if not self.respond(host, method, target, headers, body, head, False):
                return

    def record(self, host, method, target, head, body, token):
        raw = head + b"\r\n\r\n" + body
        with self.world.lock:
            self.world.history.append((host, target, raw.decode("latin-1")))
            if "/encrypt?" in target and body:
                self.world.clear.add(json.loads(body)["value"])
            self.world.log.append({
                "host": host, "method": method, "path": target, "token": token,
                "length": len(body), "raw": raw.decode("latin-1"),
            })

    def rule(self, host, method, target, token=None):
        with self.world.lock:
            for rule in self.world.rules:
                fits = (rule.get("host", "") in host and rule.get("path", "") in target
                        and rule.get("method", method) == method
                        and (token is not None or not rule.get("with_token"))
                        and (method != "CONNECT" or rule.get("method") == "CONNECT"))
                if fits and rule.get("times", 1) != 0:
                    rule["times"] = rule.get("times", -1) - 1
                    return rule
        return None

    def respond(self, host, method, target, headers, body, head, is_machine):
        token = headers.get("authorization", "").removeprefix("Bearer ") or None
        if token is not None:
            with self.world.lock:
                self.is_counted = True
                self.world.under_way += 1
                self.world.peak = max(self.world.peak, self.world.under_way)
        try:
            return self.reply(host, method, target, headers, body, head, is_machine, token)
        finally:
            self.uncount()

    def uncount(self):
        with self.world.lock:
            self.world.under_way -= self.is_counted
            self.is_counted = False

    def reply(self, host, method, target, headers, body, head, is_machine, token):
        self.record(host, method, target, head, body, token)
        rule = self.rule(host, method, target, token)
        if rule and rule.get("delay"):
            time.sleep(rule["delay"])
        if rule and rule.get("barrier"):
            # waits until as many are here; those that stay away make it fail
            try:
                rule["barrier"].wait()
            except threading.BrokenBarrierError:
                self.send(Answer(418, {"error": {"code": "Alone", "message": "nobody came"}}))
                return True
        if rule and rule.get("drop"):
            return False
        try:
            if rule and rule.get("status"):
                body = rule.get("body", {})
                body = body.encode() if isinstance(body, str) else body
                raise Answer(rule["status"], body, rule.get("headers", {}))
            if host == "identity":
                self.world.identity(target, headers, is_machine)
            if host == "actions":
                self.world.actions(target, headers)
            self.world.answer(host, method, target, headers, body)
        except Answer as answer:
            if rule and rule.get("cut"):
                self.stream.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\n{")
                return False
            self.send(answer)
        return True


def listen(world, address):
    server = socket.create_server(address)

    def accept():
        while True:
            stream, _ = server.accept()
            threading.Thread(target=Connection(world, stream).serve, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def main():
    world = World(sys.argv[1])
    world.port = listen(world, ("127.0.0.1", 0))
    if "--metadata" in sys.argv:
        listen(world, ("169.254.169.254", 80))
    print(json.dumps({"port": world.port}), flush=True)
    for line in sys.stdin:
        print(json.dumps(world.command(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
