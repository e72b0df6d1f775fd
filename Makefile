# make run    set up, then run the whole stack with demo complaints
# make test   set up, then run all tests
# make check  style, types, import rules, links, queries
# make bench  measure
#
# TORCH_INDEX=URL takes torch from that extra index, such as PyTorch's own index of CPU builds;
# the version is pinned in constraints.txt alone.

PYTHON ?= python3
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: run test check bench train clean

run: $(VENV)/.run
	$(BIN)/minwon up --demo

test: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/minwon city check city/gwangju
	$(BIN)/pytest tests/house

bench: $(VENV)/.run
	$(BIN)/minwon bench triage
	$(BIN)/minwon bench intake

train: $(VENV)/.dev
	$(BIN)/minwon train

$(BIN)/python:
	@echo "making the environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Minwon needs Python 3.11 or newer; set PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing (about 1.5 GB with a CPU build of torch, a few minutes)"
	$(PIP) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
