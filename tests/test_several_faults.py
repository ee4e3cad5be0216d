"""Several faults in one drill: each has its own harm, alerts and end."""

import math

import numpy as np
import pytest

from simulator.analysis import Timeline
from simulator.play import TwinPool, play, play_twin
from simulator.play.twins import independent_twins, twins_with_orders
from simulator.responders.replay import Replay
from simulator.run import Run
from simulator.run.events import ActionEvent, InjectEvent, OrderEvent
from simulator.score import grade
from simulator.setting import Setting
from tests.small.playing import (
    LATE,
    MINUTE,
    MORE,
    SLOW,
    Orders,
    play_orders,
    sample_bytes,
    simulated_events,
)

RELEASE = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
BAD = {**SLOW, "args": {"build": 9, "factor": 8}}
TRICKLE = {"id": "trickle", "at": "8m", "fault": "overload", "args": {"rate": "0.1/s"}}
RUSH = {**MORE, "id": "rush", "at": "35m", "for": "5m"}
# Too few for any harm; the store keeps them until the next run of its job.
FEW_NULLS = {"id": "nulls", "at": "12m", "fault": "missing_values", "target": "feed", "for": "26m",
             "args": {"feature": "x1", "share": 0.05}}  # fmt: skip
ANSWER = ((14, "acknowledge", {}), (15, "rollback", {"target": "serving"}))


def play_with_twins(setting: Setting, *orders, seed: int = 1) -> Run:
    """The run with these orders, and its twins but those without an order."""
    run = play(
        setting, seed, Orders(*orders) if orders else None, name="by hand" if orders else "none"
    )
    without_faults = [twin for twin in twins_with_orders(run) if not twin.omitted]
    twins = (*independent_twins(setting), *without_faults)
    run.twins = {twin.name: play_twin(setting, seed, twin, run) for twin in twins}
    return run


def marks(run: Run) -> dict[str, dict[str, float | None]]:
    """The marks of each fault, minutes."""
    return {
        incident.id: {k: None if t is None else t / MINUTE for k, t in incident.marks.items()}
        for incident in grade(Timeline(run)).incidents
    }


# -- harm and end of each fault ----------------------------------------------------------------


@pytest.fixture(scope="module")
def harmless(drill):
    """One more customer every ten seconds, and then a slow build."""
    return play_with_twins(
        drill(TRICKLE, SLOW), (14, "acknowledge", {}), (15, "declare", {"severity": "SEV3"})
    )


def test_a_harmless_fault_gets_no_marks_of_its_neighbour(harmless):
    fault_marks = marks(harmless)
    assert [fault_marks["trickle"][k] for k in ("impact", "alert", "detect", "acknowledge")] == [
        None
    ] * 4
    assert fault_marks["trickle"]["onset"] < fault_marks["trickle"]["landed"] < 9
    assert fault_marks["slow"]["impact"] == 10.5
    assert (
        fault_marks["slow"]["alert"]
        < fault_marks["slow"]["detect"]
        < fault_marks["slow"]["acknowledge"]
        == 14
    )


def test_the_harmless_fault_changes_no_measure(harmless, drill):
    run = play_with_twins(
        drill(SLOW), (14, "acknowledge", {}), (15, "declare", {"severity": "SEV3"})
    )
    alone = grade(Timeline(run))
    for name in ("time_to_detect", "time_to_acknowledge"):
        assert (
            grade(Timeline(harmless)).measures[name].value == alone.measures[name].value is not None
        )


@pytest.fixture(scope="module")
def in_turn(drill):
    """A bad build that is rolled back, and a rush twenty minutes later."""
    return play_with_twins(drill(RELEASE, BAD, RUSH, duration="60m"), *ANSWER)


def test_of_two_faults_in_turn_each_has_its_own_harm_and_end(in_turn):
    fault_marks = marks(in_turn)
    assert fault_marks["slow"]["impact"] == 10.5
    assert 15 < fault_marks["slow"]["mitigate"] < 35
    assert fault_marks["slow"]["recover"] == fault_marks["slow"]["mitigate"]
    assert 35 < fault_marks["rush"]["impact"] < 36
    assert 40 < fault_marks["rush"]["mitigate"] < 50
    assert (fault_marks["slow"]["alert"], fault_marks["rush"]["alert"]) == (12.5, 37)


def test_the_log_alone_separates_faults_in_turn(in_turn):
    """The verdict reads the log alone: the same here, as one fault was over before the other."""
    log = {i.id: i.marks.mitigate for i in grade(Timeline(in_turn, {})).incidents}
    assert log == {i.id: i.marks.mitigate for i in grade(Timeline(in_turn)).incidents}


def test_without_the_orders_the_first_fault_hides_the_second(in_turn):
    """The reason that twins have the orders: with nobody acting the rush adds no breach."""
    goal = in_turn.twins["none"].truth["latency_p95"]
    during = in_turn.truth_times >= 36 * MINUTE
    assert (np.nan_to_num(goal[during], nan=math.inf) > 0.4).all()


@pytest.fixture(scope="module")
def with_debt(drill):
    """Some nulls that harm nobody, and a bad build that is rolled back while they last."""
    silence = (16, "silence", {"matchers": ['severity="page"'], "length": "10m"})
    return play_with_twins(drill(FEW_NULLS, RELEASE, BAD, duration="60m"), *ANSWER, silence)


def test_a_debt_of_a_harmless_fault_is_not_attributed_to_its_neighbour(with_debt):
    fault_marks = marks(with_debt)
    assert fault_marks["slow"]["mitigate"] < fault_marks["slow"]["recover"] == 26.25, "the silence"
    assert fault_marks["nulls"]["impact"] is fault_marks["nulls"]["mitigate"] is None
    assert 38 < fault_marks["nulls"]["recover"] < 45, "the store was written again"


def test_the_log_alone_cannot_attribute_debts(with_debt):
    """The verdict reads the log alone: both faults are over when no debt is left."""
    log = {i.id: i.marks.recover for i in grade(Timeline(with_debt, {})).incidents}
    assert log["slow"] == marks(with_debt)["nulls"]["recover"] * MINUTE
    judged = [grade(Timeline(with_debt, twins)) for twins in ({}, with_debt.twins)]
    assert len({(scores.verdict, scores.why) for scores in judged}) == 1


def test_a_breach_that_each_fault_would_cause_is_attributed_to_both(drill):
    run = play_with_twins(drill(SLOW, {**SLOW, "id": "slower", "at": "12m"}))
    fault_marks = marks(run)
    assert (fault_marks["slow"]["impact"], fault_marks["slower"]["impact"]) == (10.5, 12.25)
    assert fault_marks["slow"]["mitigate"] is fault_marks["slower"]["mitigate"] is None
    harm = Timeline(run).harm
    late = harm.times >= 20 * MINUTE
    assert all(harm.breaches[fault]["latency_p95"][late].all() for fault in ("slow", "slower"))


def test_faults_of_different_objectives_are_separated(drill):
    run = play_with_twins(drill(LATE, {**SLOW, "at": "12m"}, duration="40m"))
    harm = Timeline(run).harm
    assert (harm.breached_objectives("late"), harm.breached_objectives("slow")) == (
        ["freshness"],
        ["latency_p95"],
    )


def test_no_twin_changes_the_verdict(harmless, in_turn):
    for run in (harmless, in_turn):
        judged = [grade(Timeline(run, twins)) for twins in ({}, run.twins)]
        assert len({(scores.verdict, scores.why) for scores in judged}) == 1


# -- the twins ---------------------------------------------------------------------------------


def before(run: Run, t: int) -> list:
    return [event for event in run.events if event.t < t]


def test_a_fault_left_out_changes_nothing_before_it(in_turn):
    for fault, onset in (("slow", 10 * MINUTE), ("rush", 35 * MINUTE)):
        other = in_turn.twins[f"without-{fault}"]
        assert before(other, onset) == before(in_turn, onset)
        assert sample_bytes(other, onset) == sample_bytes(in_turn, onset)
        assert other.digest != in_turn.digest


def test_leaving_out_a_fault_of_no_strength_changes_only_its_events(drill):
    # The other build never runs.
    idle = {**SLOW, "id": "idle", "at": "9m", "args": {"build": 5, "factor": 8}}
    run = play_with_twins(drill(idle, SLOW), *ANSWER)
    other = run.twins["without-idle"]
    assert simulated_events(other) == simulated_events(run)
    assert sample_bytes(other) == sample_bytes(run)
    assert [e.id for e in run.of(InjectEvent)] == ["idle", "slow"]
    assert [e.id for e in other.of(InjectEvent)] == ["slow"]
    assert marks(run)["idle"]["impact"] is None


def test_a_twin_has_the_orders_of_the_run_and_impossible_ones_fail(in_turn):
    def orders(run: Run) -> list:
        return [(event.t, event.action, event.args) for event in run.of(OrderEvent)]

    for other in (in_turn.twins["without-slow"], in_turn.twins["without-rush"]):
        assert orders(other) == orders(in_turn)
    states = [e.state for e in in_turn.twins["without-slow"].of(ActionEvent)
              if e.action == "acknowledge"]  # fmt: skip
    assert states == ["started", "failed"], "there was no page to take"


def test_the_header_of_a_twin_names_the_missing_fault(in_turn):
    other = in_turn.twins["without-slow"]
    assert other.header.twin == "without-slow"
    assert [fault.id for fault in other.header.faults] == ["rush"]
    assert other.header.responder == in_turn.header.responder


def test_a_twin_can_be_replayed(drill, in_turn):
    setting, other = drill(RELEASE, BAD, RUSH, duration="60m"), in_turn.twins["without-slow"]
    again = play(setting, 1, Replay(other, "ml"), name="by hand", twin="without-slow")
    assert again.digest == other.digest


def test_a_drill_with_one_fault_has_no_further_twins(drill):
    assert twins_with_orders(play_orders(drill(SLOW))) == ()


def test_twins_in_their_own_processes_are_the_same(drill, tmp_path):
    three = drill(TRICKLE, SLOW, {**TRICKLE, "id": "more", "at": "12m"}, duration="20m")
    answer = Orders((15, "acknowledge", {}), (16, "scale", {"replicas": 4}))
    run = play(three, 1, answer, name="by hand", folder=tmp_path)
    with TwinPool(three, 1, tmp_path) as pool:
        pool.add(twins_with_orders(run), run)
        twins = pool.wait()
    assert set(twins) == {"without-trickle", "without-slow", "without-more", "without-order-ml-2"}
    alone = {twin.name: play_twin(three, 1, twin, run) for twin in twins_with_orders(run)}
    assert all(twins[name].digest == alone[name].digest for name in twins)
