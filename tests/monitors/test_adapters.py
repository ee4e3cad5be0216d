"""Third-party libraries: their results, and the message if they are not installed."""

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
    """A parameter skipped without its package: they are hundreds of megabytes each."""
    hint = _extras.install_hint(*MONITORS.get(name).requires)
    return pytest.param(
        name, marks=pytest.mark.skipif(bool(hint), reason=hint or "it is installed")
    )


@pytest.fixture
def rows(quiet):
    """A shifted column, an unshifted one, a null one and a category."""
    dice = np.random.default_rng(2)
    table = np.column_stack([
        dice.standard_normal((3000, 2)), np.full(3000, np.nan), dice.integers(0, 3, 3000),
    ])  # fmt: skip
    rows = Rows(quiet, pool_of(table, columns=COLUMNS))
    rows.score(600, rows=[shifted(0.7)])
    return rows


@pytest.mark.parametrize("name", [installed("evidently"), installed("nannyml")])
def test_a_library_detects_the_shifted_column(rows, name):
    monitor = MONITORS.get(name)(window="1m")
    assert monitor.issues(COLUMNS) == []
    series = rows.evaluate(monitor)
    values = {i.name: series[f"ml_feature_{name}", i.name] for i in COLUMNS}
    pvalues = {i.name: series[f"ml_feature_{name}_pvalue", i.name] for i in COLUMNS}
    if np.isnan(values["moved"]):
        assert pvalues["moved"] < 1e-6 < 0.05 < pvalues["same"]
    else:
        assert values["moved"] > 0.1 > values["same"]
    assert np.isnan(values["empty"])
    assert np.isnan(pvalues["empty"])
    assert not (np.isnan(values["level"]) and np.isnan(pvalues["level"]))
    assert series[f"ml_feature_{name}_rows", "same"] == 600
    assert all(os.environ.get(name) == value for name, value in _extras.TELEMETRY_OFF.items())


@pytest.mark.parametrize("name", [installed("evidently")])
def test_evidently_takes_a_method(rows, name):
    series = rows.evaluate(MONITORS.get(name)(window="1m", method="psi"))
    assert series["ml_feature_evidently", "moved"] > 0.25 > series["ml_feature_evidently", "same"]


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
    assert monitor.issues(COLUMNS) == []
    series = rows.evaluate(monitor)
    table = rows.view.rows(60_000)
    assert list(series.values()) == [
        (table[:, 1] < 0).sum(), (table[:, 3] == 2).sum(), 600, 600, 0, 600,
    ]  # fmt: skip
    misspelt = MONITORS.get(name)(
        expectations=[{"type": "expect_column_to_exist", "column": "sam"}]
    )
    assert "did you mean 'same'?" in misspelt.issues(COLUMNS)[0].text


def test_a_missing_package_is_reported_in_one_line(monkeypatch):
    monkeypatch.setattr(_extras, "find_spec", lambda module: None)
    for name in MONITORS.names():
        monitor = MONITORS.get(name)
        if not monitor.requires[0]:
            continue
        module, extra = monitor.requires
        text = f"needs {module}: pip install 'ml-gameday[{extra}]'"
        assert [(w.path, w.text) for w in monitor().issues(COLUMNS)] == [(("monitor",), text)]
        with pytest.raises(_extras.MissingExtra, match=r"needs .*: pip install"):
            _extras.load(module, extra)


def test_the_catalogue_imports_no_heavy_package():
    """They take up to 13 s to import; `drill catalogue` and `drill run` must not."""
    heavy = ("river", "pandera", "evidently", "nannyml", "great_expectations", "scipy", "sklearn")
    code = (
        "import sys; from simulator.monitors import MONITORS; MONITORS.all(); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
