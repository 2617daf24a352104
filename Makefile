# The two commands: `make run` starts the app, `make test` runs every test.
# Needs Python 3.11 or newer and make; everything else is put into .venv.

PYTHON   ?= python3
VENV     ?= .venv
PORT     ?= 8501
HOST     ?= localhost
WORKERS  ?= auto
REPLICAS ?=
PIP_ARGS ?=
ARGS     ?=
MODELS   ?= names names-lstm names-rnn names-bigru english english-lstm english-rnn python python-lstm python-rnn tang \
            syntax syntax-bigru syntax-backward syntax-lstm syntax-rnn recall recall-lstm recall-rnn \
            copy copy-lstm copy-rnn adding adding-lstm adding-rnn sunspots sunspots-lstm sunspots-rnn example

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check $(PIP_ARGS)

.DEFAULT_GOAL := help
.PHONY: help run dev serve test lint format check bench soak models browser clean

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile
	@echo "Variables: PYTHON=$(PYTHON) VENV=$(VENV) PORT=$(PORT) HOST=$(HOST) REPLICAS=$(or $(REPLICAS),cores) WORKERS=$(WORKERS)"
	@echo "PIP_ARGS (for pip) ARGS (for pytest)"

run: $(VENV)/.run-installed ## start the app in the browser
	$(BIN)/python -m gru_viz.cli run --port $(PORT) --host $(HOST)

dev: $(VENV)/.run-installed ## the same, drawn again whenever a file is saved, with full errors
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.address $(HOST) --server.fileWatcherType auto \
	  --server.runOnSave true --client.showErrorDetails full --client.toolbarMode developer

serve: $(VENV)/.serve-installed ## several copies of the app behind Caddy, a core each or REPLICAS=2, on one port
	$(BIN)/python -m tools.serve --port $(PORT) --host $(HOST) $(if $(REPLICAS),--replicas $(REPLICAS))

test: $(VENV)/.test-installed browser ## run every test, side by side; WORKERS=0 one after the other
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.test-installed ## format, rules, layers, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.test-installed ## write the code as `make lint` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint test ## lint and tests

bench: $(VENV)/.test-installed browser ## every benchmark, as tables
	$(BIN)/python -m benchmarks

soak: $(VENV)/.test-installed ## ten minutes of visitors who come and go, and 2,000 generated inputs
	$(BIN)/python -m benchmarks.soak
	GENERATED=2000 $(BIN)/python -m pytest tests/faults/test_generated_inputs.py --numprocesses $(WORKERS)

models: $(VENV)/.train-installed ## train the shipped models again, or MODELS="names example"
	set -e; for name in $(MODELS); do $(BIN)/gru-viz train $$name; done

browser: $(VENV)/.test-installed
	@$(BIN)/python -m tools.browser

clean: ## remove what make has made
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist

# Each stamp stands for an installation: as long as it is newer than the files it was made from, nothing is installed.

$(VENV)/.run-installed: requirements.txt pyproject.toml | $(BIN)/pip
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.serve-installed: requirements-serve.txt $(VENV)/.run-installed
	$(PIP) -r requirements-serve.txt
	@touch $@

$(VENV)/.test-installed: requirements-dev.txt requirements-serve.txt $(VENV)/.run-installed
	$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/.train-installed: requirements-train.txt $(VENV)/.run-installed
	$(PIP) -r requirements-train.txt
	@touch $@

# pip is the last thing venv makes: a half-made environment is made again.
$(BIN)/pip:
	@$(PYTHON) --version >/dev/null 2>&1 || { \
	  echo "There is no $(PYTHON) here. GRU Explorer needs Python 3.11 or newer; say which: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "GRU Explorer needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Say which: make PYTHON=python3.12 run"; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -f $(BIN)/pip; \
	  echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu its package is called python3-venv."; exit 1; }
