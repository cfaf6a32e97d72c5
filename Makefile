# Needs Rust (cargo), a C compiler and Python 3; everything else is installed by the targets that use it.

CARGO ?= cargo
TARGET_DIR ?= $(or $(CARGO_TARGET_DIR),target)
INFRA = $(abspath $(TARGET_DIR))/release/infra
DEMO_INFRA = $(abspath $(TARGET_DIR))/debug/infra

.PHONY: demo test lint bench build clients

# Plans, applies, checks and destroys stacks/fastapi on a local AWS, and says at each step what it runs.
# In the build that the tests use: optimising the AWS SDK would take twice the time before there is anything to see.
demo:
	@echo "==> cargo build --workspace (the first time: some ten minutes on two cores, most of it the AWS SDK)"
	$(CARGO) build --workspace
	$(DEMO_INFRA) sandbox run -- sh stacks/fastapi/demo.sh $(DEMO_INFRA)

build:
	@echo "==> cargo build --release (the first time: half an hour on two cores, most of it the AWS SDK)"
	$(CARGO) build --release

# All tests. With cargo-nextest where it is installed, since it runs them side by side.
test:
	@if $(CARGO) nextest --version >/dev/null 2>&1; \
	then echo "==> cargo nextest run --workspace"; $(CARGO) nextest run --workspace --no-fail-fast; \
	else echo "==> cargo test --workspace"; $(CARGO) test --workspace --no-fail-fast; fi

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

# Plan and apply of stacks/fastapi in turn with Terraform, on one emulator: ratios of time, CPU, memory and API calls.
bench: build
	$(INFRA) sandbox run -- python3 benches/against_terraform.py $(INFRA)

# checkov and terraform-compliance, from PyPI, over the plan JSON of stacks/fastapi.
clients: build
	$(INFRA) sandbox run -- python3 tests/clients/check.py $(INFRA)
