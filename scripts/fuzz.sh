#!/usr/bin/env bash
# Feeds damaged input to every parser: scripts/fuzz.sh [SECONDS [TARGET...]], 600 seconds each.
# Needs a nightly toolchain and `cargo install cargo-fuzz`. What it finds lies in fuzz/artifacts.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-600}
shift $(($# > 0))
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then targets=(scanner comments layout formats conversion wrapper envelope metadata pattern extract); fi

# seed TARGET: reads texts from standard input, a line break within one written as \n.
seed() {
  local folder=fuzz/corpus/$1 number=0 line
  mkdir -p "$folder"
  while IFS= read -r line; do
    printf '%b' "$line" >"$folder/seed-$number"
    number=$((number + 1))
  done
}

mkdir -p fuzz/corpus/{scanner,comments,layout,formats,conversion,wrapper,metadata,extract}
find fixtures -name '*.yaml' -size -8k | while IFS= read -r file; do
  name=${file//\//-}
  cp "$file" "fuzz/corpus/scanner/$name"
  cp "$file" "fuzz/corpus/metadata/$name"
  cp "$file" "fuzz/corpus/conversion/$name"
  { echo '["a"][0]'; cat "$file"; } >"fuzz/corpus/extract/$name"
done
find fixtures \( -name '*.json' -o -name '*.env' -o -name '*.ini' \) -size -8k |
  while IFS= read -r file; do
    cp "$file" "fuzz/corpus/formats/${file//\//-}"
    cp "$file" "fuzz/corpus/conversion/${file//\//-}"
  done
find fixtures/vectors/binary -name '*.bin' -size -8k |
  while IFS= read -r file; do cp "$file" "fuzz/corpus/wrapper/${file//\//-}"; done
grep -rhoE 'ENC\[[^]]*\]' fixtures/vectors/yaml | sed -n '1,200p' | seed envelope
sed -nE 's/.*\(r?"([^"]+)", .*(true|false)\),/\1/p' src/pattern/mod.rs | sed 's/\\/\\\\/g' | seed pattern

cargo +nightly fuzz build --sanitizer none --debug-assertions
failed=()
for target in "${targets[@]}"; do
  # parsers without unsafe code need no sanitizer, and run twice as often without
  nice -n 19 cargo +nightly fuzz run --sanitizer none --debug-assertions "$target" -- \
    -fork=1 -ignore_crashes=1 -ignore_timeouts=1 -timeout=10 -max_len=4096 \
    -max_total_time="$seconds" || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}; fuzz/artifacts holds the inputs" >&2
  exit 1
fi
