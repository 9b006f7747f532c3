# Every target says what it does. `make demo` and `make test` are all a newcomer needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test bench lint fmt peers completions install

PREFIX ?= /usr/local
BINARY ?= target/release/leafseal

help:
	@echo "make demo         build the release binary and show one file going there and back"
	@echo "make test         install the test peers, then run every test"
	@echo "make install      install to PREFIX (/usr/local), below DESTDIR; SOPS=1 adds a link called sops"
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
	@cargo clippy --locked --no-default-features --features age,cli -- -D warnings
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
	@cargo run --locked --quiet -- completion powershell > completions/_leafseal.ps1
	@rm -f man/*.[17]
	@cargo run --locked --quiet -- man man

# BINARY names a program that is built already
install: root = $(DESTDIR)$(PREFIX)
install:
	@echo "install: installs the program, manual pages and completion scripts below $(root)"
	@[ "$(origin BINARY)" != file ] || cargo build --locked --release
	@install -D -m 755 "$(BINARY)" "$(root)/bin/leafseal"
	@install -d "$(root)/share/man/man1"
	@install -m 644 man/*.1 "$(root)/share/man/man1"
	@install -d "$(root)/share/man/man7"
	@install -m 644 man/*.7 "$(root)/share/man/man7"
	@install -D -m 644 completions/leafseal.bash "$(root)/share/bash-completion/completions/leafseal"
	@install -D -m 644 completions/_leafseal "$(root)/share/zsh/site-functions/_leafseal"
	@install -D -m 644 completions/leafseal.fish "$(root)/share/fish/vendor_completions.d/leafseal.fish"
	@install -D -m 644 completions/_leafseal.ps1 "$(root)/share/powershell/completions/_leafseal.ps1"
	@if [ -n "$(SOPS)" ]; then ln -sfn leafseal "$(root)/bin/sops"; fi
