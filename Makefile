# Every target says what it does. `make demo` and `make test` are all a newcomer needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test bench lint fmt peers completions

help:
	@echo "make demo         build the release binary and show one file going there and back"
	@echo "make test         install the test peers, then run every test"
	@echo "make bench        compare speed and memory with the reference program"
	@echo "make lint         check formatting and lints, warnings are errors"
	@echo "make fmt          format the code"
	@echo "make peers        install what the tests compare with, into target/peers"
	@echo "make completions  write completions/ and man/ again"

demo:
	@echo "demo: encrypts and decrypts an example file in a scratch folder"
	@scripts/demo.sh

test: peers
	@echo "test: runs unit, command line, vector and interoperability tests"
	@cargo test --locked

bench: peers
	@echo "bench: compares speed and memory with the reference program"
	@scripts/bench.sh

lint:
	@echo "lint: checks formatting and lints"
	@cargo fmt --check
	@cargo clippy --locked --all-targets -- -D warnings
	@cargo clippy --locked --no-default-features -- -D warnings
	@cargo clippy --locked --no-default-features --features age -- -D warnings
	@cargo clippy --locked --no-default-features --features azure -- -D warnings
	@cargo clippy --locked --no-default-features --features pgp -- -D warnings
	@cargo check --locked --manifest-path fuzz/Cargo.toml --target-dir target

fmt:
	@echo "fmt: formats the code"
	@cargo fmt

peers:
	@echo "peers: installs the programs that the tests compare with"
	@scripts/peers.sh

completions:
	@echo "completions: writes completion scripts and manual pages"
	@mkdir -p completions man
	@cargo build --locked
	@cargo run --locked --quiet -- completion bash > completions/leafseal.bash
	@cargo run --locked --quiet -- completion zsh > completions/_leafseal
	@cargo run --locked --quiet -- completion fish > completions/leafseal.fish
	@rm -f man/*.1
	@cargo run --locked --quiet -- man man
