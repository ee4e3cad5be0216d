"""Objectives compared with the ground truth."""

import numpy as np
import pytest

from simulator.director.objectives import Limit, TrueObjectives, is_measured
from simulator.pipeline.sample import Sample
from simulator.run.events import ObjectiveEvent
from simulator.session import Session
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError
from simulator.telemetry.link_counts import LinkCounts
from tests.small.playing import MINUTE, play_orders

FIVE = 5 * MINUTE


def truth(**limits):
    return TrueObjectives({name: Limit(name, **limit) for name, limit in limits.items()}, 15_000)


def sample(served=0, lost=0, latency=(), scored=0, correct=0):
    return Sample(0, 15_000, served=served, timed_out=lost, latency_ms=np.array(latency, float),
                  scored=scored, correct=correct)  # fmt: skip


def test_without_traffic_no_objective_holds(quiet):
    values = truth(availability={"low": 0.99}, accuracy={"low": 0.7}, latency_p99={"high": 1.0})
    changed = values.close_interval(15_000, quiet.world, LinkCounts())
    assert [(name, holds) for name, holds, _ in changed] == [
        ("availability", False), ("accuracy", False), ("latency_p99", False)]  # fmt: skip
    assert all(np.isnan(value) for _, _, value in changed)


def test_an_interrupted_look_leaves_complete_rows(quiet, monkeypatch):
    cut_truth = truth(availability={"low": 0.99}, accuracy={"low": 0.7})
    cut_truth.close_interval(15_000, quiet.world, LinkCounts())

    def stop(name, world):
        if name == "accuracy":
            raise KeyboardInterrupt
        return 1.0

    monkeypatch.setattr(cut_truth, "_value", stop)
    with pytest.raises(KeyboardInterrupt):
        cut_truth.close_interval(30_000, quiet.world, LinkCounts())
    assert {len(values) for values in (cut_truth.times, *cut_truth.arrays().values())} == {1}


def test_a_window_covers_only_its_last_scrapes(quiet):
    window_truth = truth(availability={"low": 0.9, "window": 60_000})
    window_truth.observe(sample(served=1, lost=1))
    values = []
    for scrape in range(1, 7):
        window_truth.close_interval(15_000 * scrape, quiet.world, LinkCounts())
        values.append(window_truth.values["availability"][-1])
        window_truth.observe(sample(served=10))
    assert values[0] == 0.5
    assert values[3] == pytest.approx(31 / 32)
    assert values[4] == 1.0


def test_the_budget_burns_while_the_objective_does_not_hold(quiet):
    values = truth(availability={"low": 0.9, "window": 15_000})
    for scrape, lost in enumerate([0, 5, 5, 0], 1):
        values.observe(sample(served=5, lost=lost))
        values.close_interval(15_000 * scrape, quiet.world, LinkCounts())
    assert values.burnt["availability"] == [0.0, 15.0, 30.0, 30.0]


@pytest.mark.parametrize("ms", [0.01, 1.0, 60.0, 1500.0, 30_000.0])
def test_a_quantile_is_accurate_to_its_bin(quiet, ms):
    values = truth(latency_p50={"high": 1.0})
    values.observe(sample(served=99, latency=[ms] * 99))
    values.close_interval(15_000, quiet.world, LinkCounts())
    assert values.values["latency_p50"][-1] == pytest.approx(max(ms, 0.1) / 1000, rel=0.04)


@pytest.mark.parametrize(
    ("name", "is_known"),
    [("latency_p99", True), ("latency_p99.9", True), ("availability", True), ("latency", False),
     ("latency_p", False), ("latency_p100", False), ("cost", False)],
)  # fmt: skip
def test_known_quantities(name, is_known):
    assert is_measured(name) is is_known


def test_true_accuracy_has_no_label_delay(drill):
    """Median label lag is 45 minutes; the true accuracy falls within one."""
    drift = {"at": "10m", "fault": "concept_drift", "args": {"feature": "x3"}}
    run = play_orders(drill(drift, duration="15m", objectives__accuracy__window="1m"))
    assert np.nanmin(run.truth["accuracy"][:39]) > 0.85
    assert run.truth["accuracy"][-1] < 0.6


def test_a_hung_training_run_has_no_goodput(drill):
    hang = {"id": "hang", "at": "10m", "fault": "training_hang", "args": {"node": 2}}
    wanted = {"objectives__training_goodput": {"min": 0.5, "window": "5m"}}
    calm = play_orders(drill(**wanted)).truth["training_goodput"]
    run = play_orders(drill(hang, **wanted), (18, "drain_node", {"node": 2}))
    goodput, minutes = run.truth["training_goodput"], run.truth_times / MINUTE
    assert (goodput[minutes <= 10] == calm[minutes <= 10]).all()
    # Work since the last checkpoint is lost at the restart and does not count.
    assert goodput[(minutes > 15) & (minutes < 18)].max() <= 0.05
    assert goodput[-1] > 0.5
    events = [e for e in run.of(ObjectiveEvent) if e.name == "training_goodput"]
    assert [event.state for event in events[-2:]] == ["breached", "held"]


def test_the_monitoring_is_as_good_as_its_worst_link(drill):
    """Rules miss half of the window; scrapes and Alertmanager work throughout."""
    stall = {"at": "10m", "fault": "rules_stalled", "for": "2m30s"}
    wanted = {"objectives__monitoring": {"min": 0.9, "window": "5m"}}
    run = play_orders(drill(stall, duration="20m", **wanted))
    ratio, minutes = run.truth["monitoring"], run.truth_times / MINUTE
    assert ratio[(minutes <= 10) | (minutes > 18)].tolist().count(1.0) > 40
    assert ratio[minutes == 13].item() == pytest.approx(0.5, abs=0.06)


def test_an_objective_of_training_needs_a_training_stage():
    wanted = 'objectives.training_goodput={"min": 0.5, "window": "5m"}'
    with pytest.raises(SourceError, match="no stage of the pipeline is of kind training"):
        bind_names(*parse("first-shift", [wanted]))


def test_the_header_has_each_objectives_budget_and_weight(drill):
    """A tenth of the drill and 1, unless the scenario states others."""
    setting = drill(
        objectives__freshness={"max": "15m", "budget": "2m", "weight": 2.5},
        objectives__accuracy={"min": 0.7, "window": "15m", "weight": 0.5},
    )
    objectives = Session(setting, 1).finish().header.objectives
    terms = {name: (terms.budget, terms.weight) for name, terms in objectives.items()}
    assert terms["freshness"] == (2 * MINUTE, 2.5)
    assert terms["accuracy"] == (3 * MINUTE, 0.5)
    assert terms["availability"] == (3 * MINUTE, 1.0)
