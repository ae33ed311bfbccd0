# Two commands matter to a newcomer: `make demo` and `make test`.
# Each creates its own virtual environment; nothing else is needed than Python 3.11+, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

SECONDS ?= 120
SEED ?=
STORE ?= sqlite

.PHONY: setup demo demo-channels test check bench faults clean lock generate

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/tracepost demo --out build/demo

demo-channels: setup
	$(BIN)/tracepost demo --story channels --out build/channels

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tracepost.wire.generate --check
	$(BIN)/python clients/catalogues.py check

bench: setup
	$(BIN)/python tests/bench/run.py --out build/bench.json

# Half an hour (SECONDS=1800) has at least 100 kills and 5 of every other fault. SEED repeats a campaign.
faults: setup
	PYTHONPATH=tests $(BIN)/python -m faults.run --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) --store $(STORE) --out build/faults

generate: setup
	$(BIN)/python -m tracepost.wire.generate
	$(BIN)/python clients/catalogues.py update

lock:
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path "./$(VENV)/*" -prune -exec rm -rf {} +
