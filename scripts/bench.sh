#!/usr/bin/env bash
# Times the release binary against the reference program and writes the table of
# docs/performance.md.
# BENCH_PROFILE=ci takes a build without link-time optimization, for use while tuning.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
profile=${BENCH_PROFILE:-release}
target_folder=${CARGO_TARGET_DIR:-target}

cargo build --profile "$profile" --locked
# a second link-time optimization takes minutes and would only flatter this figure
cargo bench --profile ci --locked --bench engine -- --quick rewrite
exec python3 benches/compare.py \
  --program "$target_folder/$profile/leafseal" \
  --reference target/peers/sops \
  --engine "$target_folder/criterion" \
  "$@"
