# Two commands for a newcomer: `make drill` and `make test`. `make help` lists the others.
# Nothing but Python 3.11+, its venv and make is needed; uv is used where it is present.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# One process a core, each with neighbouring tests, which share fixtures: whoever is done first takes
# from the others. PYTEST="-x -k units" narrows a run down.
PYTEST ?= -n auto --dist worksteal
FORMATS := scenario pipeline playbook oncall rubric observations scores

ifdef UV
INSTALL = uv pip install --quiet --python $(BIN)/python -c constraints.txt
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
endif

.PHONY: drill test part slow slow-share compiled lint types layers bench gallery moves cheats schemas clean help
.DELETE_ON_ERROR:

drill: $(VENV)/installed  ## the first drill
	$(BIN)/drill run first-shift --force

test: $(VENV)/tested  ## all tests but the slow ones
	$(BIN)/python -m pytest $(PYTEST)

# Substrings of test names, file names and doctests: `slow_build` and its class `SlowBuild`.
part: $(VENV)/tested  ## the tests of one fault, action, monitor or measure: NAME=slow_build
	$(BIN)/python -m pytest -n 0 -k "$(or $(NAME),$(error make part NAME=slow_build)) or $(subst _,,$(NAME))"

slow: $(VENV)/tested  ## the slow tests: many seeds, real services
	$(BIN)/python -m pytest $(PYTEST) -m slow

# Fixed seeds, so that it fails by no chance: 3 of 20 a drill (tests/seeds.py), no tests marked nightly.
slow-share: $(VENV)/tested  ## the part of the slow tests that .ci/run runs
	SEEDS=share $(BIN)/python -m pytest $(PYTEST) -m "slow and not nightly"

compiled: $(VENV)/tested  ## the compiled kernel, which an extra brings, against the plain one
	$(INSTALL) -e '.[compiled]'
	$(BIN)/python -m pytest $(PYTEST) -m "" tests/pipeline/test_fcfs_compiled.py tests/pipeline/test_serving.py tests/golden

lint: $(VENV)/tested  ## style, and its format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/tested  ## mypy, strict
	$(BIN)/mypy

layers: $(VENV)/tested  ## which room may import which
	$(BIN)/lint-imports

bench: $(VENV)/tested build/beside  ## speed, as a table
	$(BIN)/python -m tests.benchmarks.bench

gallery: $(VENV)/installed  ## the committed samples of reports
	$(BIN)/python -m tests.gallery

moves: $(VENV)/tested  ## the page of all faults with their moves (10 min)
	$(BIN)/python -m tests.moves.page

cheats: $(VENV)/tested  ## answers that read nothing, on every drill: the page (3 h)
	$(BIN)/python -m tests.cheats.page

schemas: $(VENV)/installed  ## what editors check scenarios with
	mkdir -p scenarios/schemas
	for format in $(FORMATS); do $(BIN)/drill schema $$format > scenarios/schemas/$$format.json; done

clean:  ## remove the venv and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

help:  ## this list
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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
