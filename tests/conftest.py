"""The small drill, bound once for all tests; each test adds its own injects and changes."""

import atexit
import dataclasses
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from simulator.datasets.user_cache import cache_folder
from simulator.setting import load, parse
from simulator.setting.bind import bind_names
from tests.tables import pytest_terminal_summary  # noqa: F401

SMALL = Path(__file__).parent / "small" / "drill.yaml"
# xdist sets a console width of 80 for its workers; a single process has none.
os.environ.pop("COLUMNS", None)
# The user's cache stays as it is. Workers of xdist share the cache of the process that starts them.
CACHE = "drill-tests-"
if CACHE not in os.environ.get("XDG_CACHE_HOME", ""):
    users_flights = cache_folder() / "nycflights13-known.npz"
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix=CACHE)
    atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)
    if users_flights.is_file():
        cache_folder().mkdir()
        shutil.copy(users_flights, cache_folder())
# The same examples in every run: a check that fails by chance proves nothing of a change.
settings.register_profile("fixed", derandomize=True)
settings.load_profile("fixed")


@pytest.fixture
def twin_cache(tmp_path, monkeypatch):
    """The folder of an empty cache of twins, for this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache_folder() / "twins"


@pytest.fixture(scope="session")
def quiet():
    """The small drill without injects."""
    return load(SMALL)


@pytest.fixture(scope="session")
def drill(quiet):
    """`drill({at: 10m, fault: …}, …, tick="5s")`: the small drill with injects and changes.

    It shares the history of the quiet drill, unless a change concerns the pipeline.
    """

    def drill(*injects, **changes):
        changes = {"injects": injects, **changes}
        sets = [f"{path.replace('__', '.')}={json.dumps(v)}" for path, v in changes.items()]
        if any(path.startswith("pipeline") for path in changes):
            return load(SMALL, sets)
        document, scenario = parse(SMALL, sets)
        bound = bind_names(document, scenario)
        return dataclasses.replace(
            quiet,
            document=document,
            scenario=scenario,
            organisation=bound.organisation,
            injects=bound.injects,
            groups=bound.groups,
            objectives=bound.objectives,
        )

    return drill
