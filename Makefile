# Everything is done by crates/xtask; this file only gives it short names.
# `make` lists the targets. ARGS are handed on: make run ARGS="--port 23100"

.DEFAULT_GOAL := help
.PHONY: help run build test setup doctor bench chaos chaos-quick conformance dist audit fmt clean

XTASK := cargo run --quiet --package xtask --

# One sentence instead of a shell's "command not found", on a machine that has only make.
ifeq ($(shell sh -c 'command -v cargo'),)
$(error Rust is missing; install it from https://rustup.rs and open a new shell)
endif
ifeq ($(shell sh -c 'command -v npm'),)
$(error Node with npm is missing; install Node 20 or newer from https://nodejs.org or your system's packages)
endif

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

run: ## build Maestro and start it on http://127.0.0.1:23000
	@$(XTASK) run -- $(ARGS)

build: ## build the site and the server without starting it
	@$(XTASK) build $(ARGS)

test: ## run the whole gate: format, lints, tests, browser tests
	@$(XTASK) test

dist: ## build the release binary into dist/
	@$(XTASK) dist

bench: ## measure the release build
	@$(XTASK) bench $(ARGS)

chaos: ## break a release build on purpose, at most 45 minutes; ARGS="F5 F22 --seed 7" runs some
	@$(XTASK) chaos $(ARGS)

chaos-quick: ## the part of it that the gate runs, at most 5 minutes
	@$(XTASK) chaos-quick $(ARGS)

conformance: ## foreign test suites against the sockets and the API; needs the network and Python 2.7
	@$(XTASK) conformance

audit: ## look for known vulnerabilities in the dependencies
	@$(XTASK) audit

setup: ## install cargo-leptos for `cargo leptos watch` (long)
	@$(XTASK) setup

doctor: ## list what this machine has and what it lacks
	@$(XTASK) doctor

fmt: ## format all Rust code
	@cargo fmt --all

clean: ## remove all that was built
	@$(XTASK) clean
