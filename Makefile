# The working day in one word each. Needs Python 3.11 or newer, pip and git; nothing else.
#
#   make demo     compute the sales example for May 2024, here in the terminal
#   make test     the whole suite
#   make hard     10,000 plans, 1,500 companies, 5,000 files, 500 answers by chance; 200 fault scripts,
#                 50 kills, 50 meddlers, 200 flips of a bit; a part of them in test
#   make duckdb-oldest  the whole suite with the oldest DuckDB that will do, in a .venv of its own
#   make lint     ruff, its formatter, mypy
#   make check    lint, then test
#   make docs     the generated parts of docs/ and README.md, made anew
#   make bench    two million deals of a file, 200,000 of a portal, against the clock
#   make mutants  one wrong sign at a time in the core: which of them does no test notice? Takes hours
#   make portal   a pretended Bitrix24 portal to try `kpictl pull` on; Ctrl-C ends it
#   make clean    away with the virtual environment and every cache
#
# Each sets up .venv first, once; a second run installs nothing unless pyproject.toml has changed.
# Another Python: make test PYTHON=python3.12

# The first of these that is new enough.
CANDIDATES := python3 python3.13 python3.12 python3.11 python
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	if $$p -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$p; break; fi; done)

VENV := .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

OLDEST := .venv-duckdb-oldest

# Byte code is kept, as everywhere where kpictl is installed: hundreds of processes of the suite
# would compile it anew, and the benchmarks would time the compiler.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test hard duckdb-oldest lint check docs bench mutants portal clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@sed -n '3,14s/^#   //p' Makefile

demo: $(VENV)/.installed
	$(VENV)/bin/kpictl compute -c examples/sales/kpi.yaml --period 2024-05

test: $(VENV)/.installed-dev
	$(PY) -m pytest -n auto

hard: $(VENV)/.installed-dev
	KPICTL_HARD=1 $(PY) -m pytest -n auto tests/test_pull.py tests/test_pull_headstart.py \
		tests/test_pull_killed.py tests/test_store_damage.py tests/test_fuzz.py \
		tests/test_engines.py tests/test_links.py tests/test_portal_reading.py

duckdb-oldest: $(OLDEST)/.installed-oldest
	$(OLDEST)/bin/python -m pytest -n auto

lint: $(VENV)/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

check: lint test

docs: $(VENV)/.installed-dev
	$(PY) docs/make_reference.py
	$(PY) docs/make_images.py
	$(PY) tests/pages.py

bench: $(VENV)/.installed-dev
	$(PY) benchmarks/deals.py
	$(PY) benchmarks/pulling.py
	$(PY) benchmarks/working_minutes.py

mutants: $(VENV)/.installed-dev
	$(PY) tests/mutants.py $(MUTANTS)

portal: $(VENV)/.installed
	$(PY) tests/portal $(PORTAL)

clean:
	rm -rf $(VENV) $(OLDEST) .pytest_cache .mypy_cache .ruff_cache .hypothesis .mutants build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where Debian has taken ensurepip away, the pip that is there fills the environment.
$(PY):
	@test -n "$(PYTHON)" || { echo "kpictl needs Python 3.11 or newer: make test PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(PY) install --quiet pip; }

$(VENV)/.installed: pyproject.toml | $(PY)
	$(INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(PY)
	$(INSTALL) -e '.[dev]'
	@touch $(VENV)/.installed $@

$(OLDEST)/.installed-oldest: pyproject.toml
	$(MAKE) VENV=$(OLDEST) $(OLDEST)/bin/python
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' 'duckdb==1.5.*'
	@touch $@
