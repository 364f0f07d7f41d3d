# make run    install and run the default workflow     make run CONFIG=workflow/presets/smoke.yaml
# make test   install and run every check; no network needed after the installation
PYTHON ?= python3
CORES ?= all
CONFIG ?=

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.installed
CONFIGFILE := $(if $(CONFIG),--configfile $(CONFIG))

.PHONY: run test test-slow benchmark lint format lock clean

run: $(LOCKED)
	$(BIN)/snakemake --cores $(CORES) $(CONFIGFILE)

test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal -m "not slow"

test-slow: $(LOCKED)
	OMP_NUM_THREADS=1 $(BIN)/pytest -m slow

# Speed and memory, on an idle machine.
benchmark: $(LOCKED)
	$(BIN)/python tests/benchmark_models.py
	$(BIN)/python tests/benchmark_bases.py
	$(BIN)/python tests/benchmark_data.py

lint: $(LOCKED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

format: $(LOCKED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

# The lock: exact versions of everything, tried together.
$(LOCKED): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("gahb needs Python 3.11 to 3.13; try make PYTHON=python3.11") if not (3, 11) <= sys.version_info[:2] <= (3, 13) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet 'torch==2.13.0' --editable '.[test]'
	$(VENV)-lock/bin/pip freeze --exclude-editable | sed 's/+cpu//' > constraints.txt
	rm -r $(VENV)-lock

clean:
	rm -rf $(VENV) .snakemake results/.cache
