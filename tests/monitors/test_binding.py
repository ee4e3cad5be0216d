"""Invalid monitors are reported when a drill is bound, with their place."""

import json

import pytest

from simulator.monitors import MONITORS, exported_series, series_conflicts
from simulator.pipeline.rows import Column
from simulator.setting import load
from simulator.source import SourceError
from tests.conftest import SMALL

COLUMNS = (Column("x1"), Column("region", ("north", "south")))


def complaints(*monitors, **stages):
    """Complaints about the small drill with these monitors and stages."""
    sets = [f"pipeline.monitors={json.dumps(monitors)}"]
    sets += [f"pipeline.stages.{name}={json.dumps(stage)}" for name, stage in stages.items()]
    with pytest.raises(SourceError) as caught:
        load(SMALL, sets)
    return [(complaint.path, complaint.text) for complaint in caught.value.complaints]


@pytest.mark.parametrize(
    "monitor, path, text",
    [
        ({"monitor": "kss"}, "monitor", "did you mean"),
        ({"monitor": "ks", "features": ["x11"]}, "features[0]", "unknown column 'x11'"),
        ({"monitor": "ks", "features": ["x1", "region"]}, "features[1]", "'region' is categorical"),
        ({"monitor": "wasserstein", "features": ["region"]}, "features[0]", "categorical"),
        ({"monitor": "cusum", "features": ["region"]}, "features[0]", "categorical"),
        ({"monitor": "psi", "features": "some"}, "features", "column set"),
        ({"monitor": "psi", "window": "0s"}, "window", "given '0s', expected more"),
        ({"monitor": "psi", "every": "0s"}, "every", "given '0s', expected more"),
        ({"monitor": "psi", "correction": "sidak"}, "correction", "expected"),
        ({"monitor": "cusum", "limit": 0.0}, "limit", "0"),
        ({"monitor": "ewma", "weight": 2.0}, "weight", "2"),
        ({"monitor": "kswin", "size": 40, "newest": 30}, "newest", "at most half of size (40)"),
        ({"monitor": "ddm", "on": "features"}, "on", "errors"),
        ({"monitor": "column_profile", "top": 0}, "top", "1"),
        ({"monitor": "accuracy", "by": "regio"}, "by", "did you mean 'region'?"),
        ({"monitor": "accuracy", "by": "x1"}, "by", "expected bounds, such as [0, 15]"),
        ({"monitor": "accuracy", "by": "x1", "bounds": [1.0, 0.0]}, "bounds", "ascending"),
        ({"monitor": "accuracy", "by": "region", "bounds": [0.0]}, "bounds", "categorical"),
        ({"monitor": "accuracy", "bounds": [0.0]}, "bounds", "expected by"),
        ({"monitor": "validation", "rules": [{"rule": "r", "feature": "x9", "min": 0.0}]},
         "rules[0].feature", "unknown column 'x9'"),
        ({"monitor": "validation", "rules": [{"rule": "r", "check": "x1 <"}]},
         "rules[0].check", "cannot be read"),
    ],
)  # fmt: skip
def test_an_invalid_monitor_is_reported(monitor, path, text):
    reported = complaints(monitor)
    assert [place for place, _ in reported] == [f"pipeline.monitors[0].{path}"]
    assert text in reported[0][1]


def test_a_stage_is_checked_as_the_monitor_is():
    rules = [{"rule": "r", "check": "x1 <= xx1"}, {"rule": "s", "feature": "visit", "min": 0.0}]
    stage = {"kind": "validate", "after": ["feed"], "rules": rules}
    assert complaints({"monitor": "psi"}, checks=stage) == [
        ("pipeline.stages.checks.rules[0].check", "unknown column 'xx1'; did you mean 'x1'?"),
        ("pipeline.stages.checks.rules[1].feature", "unknown column 'visit'; did you mean 'visits'?"),
    ]  # fmt: skip


def test_two_monitors_with_the_same_series_want_names():
    reported = complaints({"monitor": "psi"}, {"monitor": "psi", "window": "3h"})
    assert reported[0][0] == "pipeline.monitors[1].monitor"
    assert (
        "exports 'ml_feature_psi' as another monitor does; give one of them a name"
        in reported[0][1]
    )
    named = [MONITORS.get("psi")(), MONITORS.get("psi")(window="3h", name="slow")]
    assert series_conflicts(named, COLUMNS) == {}
    assert all(labels["monitor"] == "slow" for _, labels in exported_series(named[1], COLUMNS))


def test_a_monitor_beside_a_stage_with_rules_wants_a_name():
    rules = [{"rule": "r", "feature": "x1", "min": 0.0}]
    stage = {"kind": "validate", "after": ["feed"], "rules": rules}
    reported = complaints({"monitor": "validation", "rules": rules}, checks=stage)
    assert reported[0][0] == "pipeline.monitors[0].monitor"


def test_all_monitors_fit_in_one_drill():
    """Every detector that requires no extra, on all columns, and two stages with rules."""
    plain = [name for name in MONITORS.names() if not MONITORS.get(name).requires[0]]
    monitors = [{"monitor": name} for name in plain if name != "validation"]
    rules = [{"rule": "r", "feature": "x1", "max": 2.0}]
    sets = [f"pipeline.monitors={json.dumps(monitors)}"]
    for name in ("first", "second"):
        stage = {"kind": "validate", "after": ["feed"], "rules": rules}
        sets.append(f"pipeline.stages.{name}={json.dumps(stage)}")
    setting = load(SMALL, sets)
    series = [
        (name, *sorted(labels.items()))
        for names in setting.monitors.series
        for name, labels in names
    ]
    assert len(series) == len(set(series))
    # After two hours of history every monitor has a value.
    for monitor, values in zip(setting.monitors.monitors, setting.monitors.values, strict=True):
        assert not all(value != value for value in values), monitor.kind
