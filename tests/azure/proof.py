"""Shows that clients which Microsoft wrote take the test vault for the service."""

import base64
import os
import sys

from azure.core.rest import HttpRequest
from azure.identity import CertificateCredential, ClientSecretCredential
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.identity import WorkloadIdentityCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, EncryptionAlgorithm

url, name, folder = sys.argv[1:4]
environment = os.environ
tenant, client = environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def go_round(what, credential):
    keys = KeyClient(url, credential)
    key = keys.get_key(name)
    clear = bytes(range(32))
    path = f"/keys/{name}/{key.properties.version}/encrypt?api-version=7.4"
    request = HttpRequest("POST", path, json={"alg": "RSA-OAEP-256", "value": encode(clear)})
    answer = keys.send_request(request)
    answer.raise_for_status()
    wrapped = decode(answer.json()["value"])
    cryptography = CryptographyClient(key.id, credential)
    for text in (wrapped, local(cryptography, clear)):
        opened = cryptography.decrypt(EncryptionAlgorithm.rsa_oaep_256, text)
        assert opened.plaintext == clear, what
    print(what)


def local(cryptography, clear):
    return cryptography.encrypt(EncryptionAlgorithm.rsa_oaep_256, clear).ciphertext


go_round("secret", ClientSecretCredential(tenant, client, environment["AZURE_CLIENT_SECRET"]))
go_round("default", DefaultAzureCredential())
for file, password in (("key-first.pem", None), ("3des.pfx", "word"), ("aes.pfx", "word")):
    path = os.path.join(folder, file)
    go_round(file, CertificateCredential(tenant, client, path, password=password))
token_file = os.path.join(folder, "federated.jwt")
go_round("federated", WorkloadIdentityCredential(
    tenant_id=tenant, client_id=client, token_file_path=token_file))
environment["IDENTITY_ENDPOINT"] = environment["TEST_IDENTITY_ENDPOINT"]
environment["IDENTITY_HEADER"] = "the-header"
go_round("App Service", ManagedIdentityCredential())
