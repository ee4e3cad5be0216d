"""Other people's libraries: what they find, what is said where they are not installed."""

import os
import subprocess
import sys

import numpy as np
import pytest

from simulator.monitors import MONITORS, _extras
from simulator.pipeline.rows import Column
from tests.monitors.rows import Rows, pool_of, shifted

COLUMNS = (Column("moved"), Column("same"), Column("empty"), Column("level", ("a", "b", "c")))


def installed(name):
    """Skips where the package is not: they are hundreds of megabytes each."""
    why = _extras.missing(*MONITORS.get(name).needs)
    return pytest.param(name, marks=pytest.mark.skipif(bool(why), reason=why or "it is installed"))


@pytest.fixture
def rows(quiet):
    """Two columns, of which the first has moved, a null one and a category."""
    dice = np.random.default_rng(2)
    table = np.column_stack([
        dice.standard_normal((3000, 2)), np.full(3000, np.nan), dice.integers(0, 3, 3000),
    ])  # fmt: skip
    made = Rows(quiet, pool_of(table, columns=COLUMNS))
    made.score(600, rows=[shifted(0.7)])
    return made


@pytest.mark.parametrize("name", [installed("evidently"), installed("nannyml")])
def test_a_library_finds_what_has_moved(rows, name):
    monitor = MONITORS.get(name)(window="1m")
    assert monitor.wrongs(COLUMNS) == []
    found = rows.look(monitor)
    values = {i.name: found[f"ml_feature_{name}", i.name] for i in COLUMNS}
    pvalues = {i.name: found[f"ml_feature_{name}_pvalue", i.name] for i in COLUMNS}
    if np.isnan(values["moved"]):
        assert pvalues["moved"] < 1e-6 < 0.05 < pvalues["same"]
    else:
        assert values["moved"] > 0.1 > values["same"]
    assert np.isnan(values["empty"])
    assert np.isnan(pvalues["empty"])
    assert not (np.isnan(values["level"]) and np.isnan(pvalues["level"]))
    assert found[f"ml_feature_{name}_rows", "same"] == 600
    quiet = [one for one in _extras.QUIET if os.environ.get(one) == _extras.QUIET[one]]
    assert len(quiet) == len(_extras.QUIET)


@pytest.mark.parametrize("name", [installed("evidently")])
def test_evidently_takes_a_method(rows, name):
    found = rows.look(MONITORS.get(name)(window="1m", method="psi"))
    assert found["ml_feature_evidently", "moved"] > 0.25 > found["ml_feature_evidently", "same"]


@pytest.mark.parametrize("name", [installed("great_expectations")])
def test_expectations_count_what_our_own_rules_count(rows, name):
    expectations = [
        {"type": "expect_column_values_to_be_between", "column": "same", "min_value": 0},
        {"type": "expect_column_values_to_be_in_set", "column": "level", "value_set": ["a", "b"]},
        {"type": "expect_column_values_to_not_be_null", "column": "empty"},
        {"type": "expect_table_row_count_to_be_between", "min_value": 1000},
        {"type": "expect_table_row_count_to_be_between", "min_value": 10},
    ]
    monitor = MONITORS.get(name)(window="1m", expectations=expectations)
    assert monitor.wrongs(COLUMNS) == []
    found = rows.look(monitor)
    table = rows.seen.rows(60_000)
    assert list(found.values()) == [
        (table[:, 1] < 0).sum(), (table[:, 3] == 2).sum(), 600, 600, 0, 600,
    ]  # fmt: skip
    wrong = MONITORS.get(name)(expectations=[{"type": "expect_column_to_exist", "column": "sam"}])
    assert "did you mean 'same'?" in wrong.wrongs(COLUMNS)[0].text


def test_what_is_not_installed_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(_extras, "find_spec", lambda module: None)
    for name in MONITORS.names():
        monitor = MONITORS.get(name)
        if not monitor.needs[0]:
            continue
        module, extra = monitor.needs
        said = f"needs {module}: pip install 'ml-gameday[{extra}]'"
        assert [(w.path, w.text) for w in monitor().wrongs(COLUMNS)] == [(("monitor",), said)]
        with pytest.raises(_extras.MissingExtra, match=r"needs .*: pip install"):
            _extras.load(module, extra)


def test_the_catalogue_imports_none_of_them():
    """They take up to 13 s to import; `drill catalogue` and `drill run` must not."""
    heavy = ("river", "pandera", "evidently", "nannyml", "great_expectations", "scipy", "sklearn")
    code = (
        "import sys; from simulator.monitors import MONITORS; MONITORS.all(); "
        f"print([one for one in {heavy!r} if one in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
