# make run    install and run the default workflow     make run CONFIG=workflow/presets/smoke.yaml
# make test   install, lint and run the fast tests; no network needed after the installation
PYTHON ?= python3
CORES ?= all
CONFIG ?=

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.installed
EXACTLY := --quiet --no-deps --require-hashes
CONFIGFILE := $(if $(CONFIG),--configfile $(CONFIG))

.PHONY: run test test-slow test-cluster benchmark lint format lock audit clean

# Snakemake reads a configuration file before this workflow can look at it.
run: $(LOCKED)
	$(if $(CONFIG),$(BIN)/python -m gahb.plan.yaml_files $(CONFIG))
	$(BIN)/python -m snakemake --cores $(CORES) $(CONFIGFILE)

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not cluster"

# A real Slurm on this machine: for root, with Debian's slurm-wlm and munge.
test-cluster: $(LOCKED)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m cluster tests/slurm

test-slow: $(LOCKED)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m slow

# Speed and memory, on an idle machine.
benchmark: $(LOCKED)
	$(BIN)/python tests/benchmarks/benchmark_models.py
	$(BIN)/python tests/benchmarks/benchmark_bases.py
	$(BIN)/python tests/benchmarks/benchmark_data.py

lint: $(LOCKED)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m snakefmt --check Snakefile workflow/rules
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m pytest --quiet tests/unit/test_front_door.py
	$(BIN)/python -m snakemake --lint

format: $(LOCKED)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
	$(BIN)/python -m snakefmt Snakefile workflow/rules

# The locks: exact versions and hashes of everything, tried together. Of PyTorch the build
# that pip prefers is taken; what CUDA builds need besides, only with one of them.
$(LOCKED): requirements.txt requirements-torch.txt requirements-cuda.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("gahb needs Python 3.11 to 3.14; try make PYTHON=python3.11") if not (3, 11) <= sys.version_info[:2] <= (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(EXACTLY) --requirement requirements.txt
	$(BIN)/python -m pip download --quiet --no-deps --dest $(VENV)/torch $$(grep -o '^torch==[^ ]*' requirements-torch.txt)
	$(BIN)/python -m pip install $(EXACTLY) --no-index --find-links $(VENV)/torch --requirement requirements-torch.txt
	rm -r $(VENV)/torch
	@$(BIN)/python -m pip check > /dev/null || \
	  $(BIN)/python -m pip install $(EXACTLY) --requirement requirements-cuda.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

lock:
	.ci/lock

# Known weaknesses of what is locked, and its licences (docs/licences.md); both need a network.
audit: $(LOCKED)
	.ci/audit

clean:
	rm -rf $(VENV) .snakemake results/.cache
