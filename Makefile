# Two commands for a newcomer, `make drill` and `make test`; the rest is for whoever works on it.
# Nothing but Python 3.11+, its venv and make is needed; uv is used where it is present.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# One process a core; PYTEST="-x -k units" narrows a run down.
PYTEST ?= -n auto
FORMATS := scenario pipeline playbook oncall rubric

ifdef UV
INSTALL = uv pip install --quiet --python $(BIN)/python -c constraints.txt
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
endif

.PHONY: drill test slow compiled lint types layers bench gallery schemas clean
.DELETE_ON_ERROR:

drill: $(VENV)/installed  ## the first drill
	$(BIN)/drill run first-shift --force

test: $(VENV)/tested  ## all tests but the slow ones
	$(BIN)/python -m pytest $(PYTEST)

slow: $(VENV)/tested  ## the slow ones: many seeds, real services
	$(BIN)/python -m pytest $(PYTEST) -m slow

compiled: $(VENV)/tested  ## the compiled kernel, which an extra brings, against the plain one
	$(INSTALL) -e '.[compiled]'
	$(BIN)/python -m pytest $(PYTEST) -m "" tests/pipeline/test_fcfs_compiled.py tests/pipeline/test_serving.py tests/golden

lint: $(VENV)/tested  ## style, and its format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/tested
	$(BIN)/mypy

layers: $(VENV)/tested  ## which room may import which
	$(BIN)/lint-imports

bench: $(VENV)/tested build/beside  ## speed, as a table
	$(BIN)/python -m tests.benchmarks.bench

gallery: $(VENV)/installed  ## the committed samples of reports
	$(BIN)/python tests/gallery.py

schemas: $(VENV)/installed  ## what editors check scenarios with
	mkdir -p scenarios/schemas
	for format in $(FORMATS); do $(BIN)/drill schema $$format > scenarios/schemas/$$format.json; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# What `bench` measures beside the plain kernel: the compiled one, and ciw, whose wheel has a
# package `tests` of its own and so cannot lie where ours are run. Only `bench` looks here.
build/beside: constraints.txt | $(VENV)/tested
	rm -rf $@
	$(INSTALL) --no-deps --target $@ ciw networkx tqdm numba llvmlite

# A stamp is newer than what it was made from: a second call installs nothing.
$(BIN)/python:
ifdef UV
	uv venv --quiet --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(INSTALL) -e '.[test]'
	touch $@
