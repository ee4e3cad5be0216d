"""Alerting rules over a finished run."""

import numpy as np

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.analysis.promtool import build_test
from simulator.analysis.rule_history import rule_histories
from simulator.analysis.run_record import RunRecord
from simulator.run import Run
from simulator.telemetry.store import SeriesStore, labels_of
from tests.analysis.story import MINUTE, Story

GONE = [RuleGroup("x", (RuleSpec("absent(x)", alert="Gone"),))]


def ended_early() -> Run:
    """A drill that a facilitator ends after an hour; `x` has samples until then."""
    store = SeriesStore()
    table = store.table("x", [labels_of(__name__="x")])
    for t in range(0, 60 * MINUTE + 1, 15_000):
        table.append(t, np.ones(1))
    run = Story().fault().run(ends=60)
    run.series = store.arrays()
    return run


def test_after_an_early_end_no_rule_holds():
    [history] = rule_histories(RunRecord(ended_early()), GONE, dialect=3)
    assert history.earliest is None


def test_a_test_of_promtool_ends_with_the_drill():
    test = build_test(ended_early(), GONE, every=30_000, dialect=3)
    assert max(expected.t for expected in test.expected) == 60 * MINUTE
    assert not any(expected.alerts for expected in test.expected)
