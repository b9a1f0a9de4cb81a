# Everything a person runs. Each target sets itself up: Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: bench-chat bench-rules nightly-rules bench-search run demo test pictures faults faults-machine faults-store faults-service gates check fmt lock clean help eval-rules fuzz forged

help:            ## Show the targets.
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/	/' | expand -t 16

$(VENV)/run.ok: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Redline needs Python 3.11 or newer; this is {v[0]}.{v[1]}. Try: make $(MAKECMDGOALS) PYTHON=python3.11")'
	@echo "Setting up $(VENV): once, about a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.ok: $(VENV)/run.ok requirements/dev.txt
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

run: $(VENV)/run.ok  ## Start Redline; without chat tokens, the demo in this terminal.
	@$(BIN)/redline run

demo: $(VENV)/run.ok ## Run the demo whether or not there are tokens.
	@$(BIN)/redline run --demo

test: $(VENV)/dev.ok ## Run the tests.
	@$(BIN)/python -m pytest -n auto

$(VENV)/fuzz.ok: $(VENV)/dev.ok requirements/fuzz.txt
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/fuzz.txt
	@touch $@

fuzz: $(VENV)/fuzz.ok ## Feed the rule parser and other readers what nobody would write, for a minute.
	@$(BIN)/python -m tests.fuzz 60 $(TARGETS)

faults: $(VENV)/dev.ok ## Kill deliveries by the hundred, and count what was lost or doubled.
	@$(BIN)/python -m tests.faults

faults-machine: $(VENV)/dev.ok ## Let Hypothesis look for an order of mishaps that loses or doubles an alert.
	@REDLINE_EXAMPLES=10000 $(BIN)/python -m pytest --timeout 0 tests/faults/test_delivery_machine.py

faults-store: $(VENV)/dev.ok ## Kill the store two hundred times in mid-commit and count what is missing.
	@$(BIN)/python -m tests.faults.kill_store 200

faults-service: $(VENV)/dev.ok ## Kill the whole service at every point, on Slack and on Discord.
	@$(BIN)/python -m tests.faults.kill_service

pictures: $(VENV)/dev.ok ## Draw the pictures of docs/images/, with a Chromium from the PATH.
	@$(BIN)/python -m tests.pictures

gates: $(VENV)/dev.ok ## Check format, lint, types and imports.
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: gates test ## Run every gate: format, lint, types, imports, tests.

bench-rules: $(VENV)/dev.ok ## Measure how fast rules are matched; writes docs/benchmarks.md.
	@$(BIN)/python -m benchmarks.rules

nightly-rules: $(VENV)/dev.ok ## Compare the engine with the plain evaluator, 10,000 times over.
	@REDLINE_EXAMPLES=10000 $(BIN)/python -m pytest --timeout 0 tests/test_rules_engine.py tests/test_rules_plain.py

eval-rules: $(VENV)/dev.ok ## Measure what rules find; writes docs/evaluation.md.
	@$(BIN)/python -m benchmarks.eval_rules

bench-chat: $(VENV)/dev.ok ## Measure how fast people are acknowledged while fifty feeds are polled.
	@$(BIN)/python -m benchmarks.chat --report docs/benchmarks.md

forged: $(VENV)/dev.ok ## Try 10,000 things that nobody may do, on Slack and on Discord.
	@REDLINE_EXAMPLES=10000 $(BIN)/python -m pytest --timeout 0 -k forged tests/test_slack_forged.py tests/test_discord_*.py

bench-search: $(VENV)/dev.ok ## Measure searching half a million articles; writes docs/benchmarks.md.
	@$(BIN)/python -m benchmarks.search

fmt: $(VENV)/dev.ok  ## Format and mend what can be mended.
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

lock: $(VENV)/dev.ok ## Pin the newest versions with their hashes.
	@for lock in run dev fuzz; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements/$$lock.in --output-file requirements/$$lock.txt; done

clean:           ## Remove what the other targets made, but no data.
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
