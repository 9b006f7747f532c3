"""What the test vault knows of certificates, and of the one application of its tenant."""

import base64
import datetime
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
import uuid

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SECRET = "s3cret~Of.The_Application"
ISSUER = "https://issuer.example.net"
SUBJECT = "repo:example/project:ref:refs/heads/main"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("not URL-safe base64 without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Answer(Exception):
    """The answer to a request; raised, so that any depth can end it."""

    def __init__(self, status, body, headers=()):
        super().__init__(status)
        self.status, self.headers = status, dict(headers)
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


def entra_error(code, text, status=401):
    # line ends and quotes in the text are as the service writes them
    text = f"AADSTS{code}: {text}\r\nTrace ID: 0\r\nCorrelation ID: 0"
    body = {"error": "invalid_client", "error_description": text, "error_codes": [code]}
    return Answer(status, body)


class Authority:
    """A CA made for the run."""

    def __init__(self, folder, name="ca"):
        self.folder, self.contexts, self.lock = folder, {}, threading.Lock()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name}")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.certificate = (
            self.builder(self.name, self.key)
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(usage, True)
            .sign(self.key, hashes.SHA256())
        )
        self.path = os.path.join(folder, f"{name}.pem")
        with open(self.path, "wb") as file:
            file.write(self.certificate.public_bytes(serialization.Encoding.PEM))

    def builder(self, subject, key):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject).issuer_name(self.name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    def context(self, host):
        with self.lock:
            if host not in self.contexts:
                self.contexts[host] = self.make_context(host)
            return self.contexts[host]

    def make_context(self, host):
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = (
            self.builder(x509.Name([]), key)
            .add_extension(names, True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
            .sign(self.key, hashes.SHA256())
        )
        path = os.path.join(self.folder, f"{uuid.uuid4()}.pem")
        with open(path, "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
            file.write(private_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        context.set_alpn_protocols(["http/1.1"])
        return context


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Application:
    """The one application of the tenant, with a certificate and a federated issuer."""

    def __init__(self, folder):
        self.secrets, self.expired = {SECRET}, set()
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "application")])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name)
            .serial_number(1).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        certificate = builder.public_key(key.public_key()).sign(key, hashes.SHA256())
        self.certificate = certificate
        self.write_certificates(folder, key, certificate)
        # of another application
        key = rsa.generate_private_key(65537, 2048)
        builder = builder.public_key(key.public_key())
        foreign = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        with open(os.path.join(folder, "unknown.pem"), "wb") as file:
            file.write(private_pem(key) + foreign)
        self.issuer_key = rsa.generate_private_key(65537, 2048)
        self.write_token(folder)

    def write_certificates(self, folder, key, certificate):
        old = (
            serialization.PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(2000).key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())
        )
        new = (
            serialization.PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(2000).key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(hashes.SHA256())
        )
        cert_pem = certificate.public_bytes(serialization.Encoding.PEM)
        traditional = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        locked = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"word"),
        )
        files = {
            "key-first.pem": private_pem(key) + cert_pem,
            "certificate-first.pem": cert_pem + traditional,
            "locked.pem": cert_pem + locked,
            "no-key.pem": cert_pem,
            "3des.pfx": pkcs12.serialize_key_and_certificates(
                b"app", key, certificate, None, old.build(b"word")),
            "aes.pfx": pkcs12.serialize_key_and_certificates(
                b"app", key, certificate, None, new.build(b"word")),
        }
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        self.write_without_password(folder)

    @staticmethod
    def write_without_password(folder):
        source, openssl = os.path.join(folder, "key-first.pem"), shutil.which("openssl")
        old = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
        for name, flags in (("3des-empty.pfx", old), ("aes-empty.pfx", [])):
            target = os.path.join(folder, name)
            command = [openssl, "pkcs12", "-export", "-passout", "pass:", "-in", source]
            subprocess.run([*command, "-out", target, *flags], check=True)

    def write_token(self, folder):
        now = int(time.time())
        claims = {
            "iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange",
            "nbf": now - 60, "exp": now + 3600,
        }
        parts = {"alg": "RS256", "typ": "JWT"}, claims
        text = ".".join(encode(json.dumps(part).encode()) for part in parts)
        signature = self.issuer_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        with open(os.path.join(folder, "federated.jwt"), "w", encoding="ascii") as file:
            file.write(f"{text}.{encode(signature)}")

    def check(self, form, host):
        if "client_secret" in form:
            if form["client_secret"] in self.expired:
                raise entra_error(7000222, "The provided client secret keys are expired.")
            if form["client_secret"] not in self.secrets:
                raise entra_error(7000215, "Invalid client secret provided. It's 'wrong'.")
            return
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        if form.get("client_assertion_type") != kind:
            raise entra_error(900144, "The request body must contain: 'client_assertion'.", 400)
        try:
            head, claims, signature = form["client_assertion"].strip().split(".")
            signed = f"{head}.{claims}".encode()
            head, claims = json.loads(decode(head)), json.loads(decode(claims))
        except ValueError:
            raise entra_error(50027, "JWT token is invalid or malformed.", 400) from None
        now = time.time()
        if not claims.get("nbf", 0) - 300 <= now <= claims["exp"]:
            raise entra_error(700024, "Client assertion is not within its valid time range.")
        try:
            if claims["iss"] == ISSUER:
                self.check_federated(claims, signed, decode(signature))
            else:
                self.check_certificate(head, claims, signed, decode(signature), host)
        except InvalidSignature:
            raise entra_error(700027, "The signature of the assertion does not fit.") from None

    def check_federated(self, claims, signed, signature):
        self.issuer_key.public_key().verify(
            signature, signed, padding.PKCS1v15(), hashes.SHA256())
        if (claims["sub"], claims["aud"]) != (SUBJECT, "api://AzureADTokenExchange"):
            raise entra_error(700213, "No matching federated identity record found.")

    def check_certificate(self, head, claims, signed, signature, host):
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        thumbprints = {"x5t#S256": hashlib.sha256(der), "x5t": hashlib.sha1(der)}
        given = {name: head[name] for name in thumbprints if name in head}
        for name, text in given.items():
            raw = base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
            if raw != thumbprints[name].digest():
                raise entra_error(700027, "The certificate is not registered on the application.")
        if not given:
            raise entra_error(700027, "The assertion names no certificate.")
        ways = {
            "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size),
            "RS256": padding.PKCS1v15(),
        }
        self.certificate.public_key().verify(signature, signed, ways[head["alg"]], hashes.SHA256())
        audience = f"https://{host}/{TENANT}/oauth2/v2.0/token"
        if claims["aud"] != audience or claims["iss"] != CLIENT or claims["sub"] != CLIENT:
            raise entra_error(50027, "The assertion is for something else.")
        if "x5c" in head and base64.b64decode(head["x5c"][0]) != der:
            raise entra_error(700027, "The chain begins with another certificate.")
