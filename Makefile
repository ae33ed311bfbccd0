# Two commands matter to a newcomer: `make demo` and `make test`.
# Each creates its own virtual environment; nothing else is needed than Python 3.11+, make and git.
# `make demo` installs what Tracepost needs (requirements.lock), `make test` what its tests need too (requirements-dev.lock).

# A shell may forbid Python to keep what it compiled: then each of some hundred processes would compile all of it again.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
INSTALL := -m pip install --quiet --disable-pip-version-check
PEERS := build/peers

SECONDS ?= 300
SEED ?=
STORE ?= sqlite
ONLY ?=
LONG ?=
MEMORY ?=
KEY ?= build/release-key

.PHONY: setup develop demo demo-channels demo-console pictures test explore check bench peers faults bundle image clean lock generate assets

setup: $(STAMP)

develop: $(DEV_STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python $(INSTALL) --require-hashes -r requirements.lock
	$(BIN)/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	$(BIN)/python $(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

demo: setup
	$(BIN)/tracepost demo --out build/demo

demo-channels: setup
	$(BIN)/tracepost demo --story channels --out build/channels

# A network of fictional members that runs until you end it, each with a web console; it prints where they answer.
demo-console: setup
	$(BIN)/tracepost practice build/console --console

# The pictures of README.md, taken from what `make demo-console` leaves running.
pictures: develop
	$(BIN)/python tests/pictures.py build/console docs/pictures

test: develop
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# The same tests with other examples of what is wide: those of `make test` are the same in each run.
explore: develop
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --hypothesis-profile=explore

check: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tracepost.wire.generate --check
	$(BIN)/python clients/catalogues.py check

# ONLY=destinations,storage runs some parts alone, LONG=1 the long forms. ONLY=log-stored grows an evidence log to ten million
# entries: a quarter of an hour, and 5 GB of disk. MEMORY=1000000 follows the memory of a node over
# so many messages, and nothing else: half an hour, and 60 GB of disk.
bench: develop
	@$(MAKE) --no-print-directory peers || echo "peers: could not be installed; that part says so and does not run"
	$(BIN)/python tests/bench/run.py --out build/bench.json $(if $(ONLY),--only $(ONLY)) $(if $(LONG),--long) $(if $(MEMORY),--memory $(MEMORY))

# Other software that the benchmark runs beside ours: in an environment of its own, no part of Tracepost.
peers: $(PEERS)/.installed

$(PEERS)/.installed: tests/bench/peers/requirements.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@

# Half an hour (SECONDS=1800) has at least 100 kills and 5 of every other fault. SEED repeats a campaign.
faults: develop
	PYTHONPATH=tests $(BIN)/python -m faults.run --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) --store $(STORE) --out build/faults/$(STORE)

# KEY is the folder of a release key: `tracepost bundle key FOLDER --name NAME`. The passphrase is asked for.
bundle: setup
	$(BIN)/tracepost bundle make build/tracepost.bundle --signed-with $(KEY)

# Builds the image out of a bundle and runs a node and a relay in it: root, buildah and mmdebstrap.
image: develop
	PYTHONPATH=tests $(BIN)/python -m image.run --out build/image

# The console's style sheets and scripts, from packages of npm that package-lock.json pins; what is made is kept here.
assets:
	@mkdir -p build/assets
	cp clients/assets/package.json clients/assets/package-lock.json build/assets/
	cd build/assets && npm ci --ignore-scripts --no-audit --no-fund
	node clients/assets/build.mjs build/assets/node_modules clients/tracepost/console/assets

generate: develop
	$(BIN)/python -m tracepost.wire.generate
	$(BIN)/python clients/catalogues.py update

COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

lock: develop
	$(COMPILE) --extra build --extra postgresql --extra console --extra paper --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra build --extra dev --extra console --extra paper --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --output-file tests/bench/peers/requirements.txt tests/bench/peers/requirements.in

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path "./$(VENV)/*" -prune -exec rm -rf {} +
