#!/usr/bin/env bash
# Shows one file going there and back: makes a key, encrypts an example, decrypts it, and compares
# the bytes. Everything happens in a scratch folder that is removed at the end; the keys and the
# configuration of whoever runs this are not looked at.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
echo "demo: building the release binary"
cargo build --release --locked
target_folder=${CARGO_TARGET_DIR:-target}
program=$(cd "$target_folder/release" && pwd)/leafseal

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/home" "$scratch/project"
cd "$scratch/project"

# An environment of its own: nothing of the user's but the search path.
leafseal() {
  env -i PATH="$PATH" HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home/.config" \
    "$program" "$@"
}

step() {
  printf '\n$ %s\n' "$*"
}

cat > values.yaml <<'YAML'
# What the web shop needs to start.
database:
  host: db.example.org   # not secret, but encrypted all the same
  port: 5432
  password: "correct horse battery staple"

features:
  - search
  - 'checkout'   # since May

# Rotate every quarter.
api_key: k-1234567890
region_unencrypted: eu-west-1
YAML
cp values.yaml original.yaml

step "cat values.yaml"
cat values.yaml

step "leafseal init"
leafseal init

step "leafseal encrypt -i values.yaml"
leafseal encrypt -i values.yaml

step "cat values.yaml"
cat values.yaml

step "leafseal decrypt --output decrypted.yaml values.yaml"
leafseal decrypt --output decrypted.yaml values.yaml

step "cmp original.yaml decrypted.yaml"
cmp original.yaml decrypted.yaml
echo "every byte came back"
