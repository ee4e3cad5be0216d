"""Several faults in one drill: each has its own harm, alerts and end."""

import math

import numpy as np
import pytest

from simulator.responders.replay import Replay
from simulator.run import Run
from simulator.score import grade
from simulator.score.harm import HarmByFault
from simulator.setting import Setting, load
from simulator.source import SourceError
from simulator.twins import TwinPool, leave_one_out_names, play, play_twin
from tests.small.story import LATE, MINUTE, MORE, SLOW, Orders, happened, played, tables

RELEASE = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
BAD = {**SLOW, "args": {"build": 9, "factor": 8}}
TRICKLE = {"id": "trickle", "at": "8m", "fault": "overload", "args": {"rate": "0.1/s"}}
RUSH = {**MORE, "id": "rush", "at": "35m", "for": "5m"}
# Few enough to harm nothing; what was written of them stays in the store for a run longer.
FEW_NULLS = {"id": "nulls", "at": "12m", "fault": "missing_values", "target": "feed", "for": "26m",
             "args": {"feature": "x1", "share": 0.05}}  # fmt: skip
ANSWER = ((14, "acknowledge", {}), (15, "rollback", {"target": "serving"}))


def told(setting: Setting, *orders, seed: int = 1) -> Run:
    """The run in which somebody gives these orders, with all its twins."""
    run = play(
        setting, seed, Orders(*orders) if orders else None, name="by hand" if orders else "none"
    )
    run.twins = {which: play_twin(setting, seed, which) for which in ("no-fault", "none")}
    run.twins |= {
        which: play_twin(setting, seed, which, run=run) for which in leave_one_out_names(run)
    }
    return run


def marks(run: Run) -> dict[str, dict[str, float | None]]:
    """Each fault's marks, minutes."""
    return {
        incident.id: {k: None if t is None else t / MINUTE for k, t in incident.marks.items()}
        for incident in grade(run).incidents
    }


# -- each its own ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def harmless(drill):
    """One more customer every ten seconds, and then a slow build."""
    return told(
        drill(TRICKLE, SLOW), (14, "acknowledge", {}), (15, "declare", {"severity": "SEV3"})
    )


def test_a_harmless_fault_has_nothing_of_its_neighbours(harmless):
    found = marks(harmless)
    assert [found["trickle"][k] for k in ("impact", "alert", "detect", "acknowledge")] == [None] * 4
    assert found["trickle"]["onset"] < found["trickle"]["landed"] < 9
    assert found["slow"]["impact"] == 10.5
    assert found["slow"]["alert"] < found["slow"]["detect"] < found["slow"]["acknowledge"] == 14


def test_without_the_harmless_one_the_measures_are_the_same(harmless, drill):
    alone = grade(told(drill(SLOW), (14, "acknowledge", {}), (15, "declare", {"severity": "SEV3"})))
    for name in ("time_to_detect", "time_to_acknowledge"):
        assert grade(harmless).measures[name].value == alone.measures[name].value is not None


@pytest.fixture(scope="module")
def in_turn(drill):
    """A bad build that is rolled back, and a rush twenty minutes later."""
    return told(drill(RELEASE, BAD, RUSH, duration="60m"), *ANSWER)


def test_of_two_after_each_other_each_has_its_own_harm_and_end(in_turn):
    found = marks(in_turn)
    assert found["slow"]["impact"] == 10.5
    assert 15 < found["slow"]["mitigate"] < 35
    assert found["slow"]["recover"] == found["slow"]["mitigate"]
    assert 35 < found["rush"]["impact"] < 36
    assert 40 < found["rush"]["mitigate"] < 50
    assert (found["slow"]["alert"], found["rush"]["alert"]) == (12.5, 37)


def test_the_same_two_where_only_the_log_is_known(in_turn):
    """What the verdict goes by: it finds the same here, since one was over before the other."""
    log = {i.id: i.marks.mitigate for i in grade(in_turn, {}).incidents}
    assert log == {i.id: i.marks.mitigate for i in grade(in_turn).incidents}


def test_a_mended_fault_would_have_hidden_the_second_with_nobody_acting(in_turn):
    """Why the twins have the orders: with nobody acting the rush adds no breach that is new."""
    goal = in_turn.twins["none"].truth["latency_p95"]
    during = in_turn.truth_times >= 36 * MINUTE
    assert (np.nan_to_num(goal[during], nan=math.inf) > 0.4).all()


@pytest.fixture(scope="module")
def with_debt(drill):
    """Some nulls that harm nobody, and a bad build that is rolled back while they last."""
    silence = (16, "silence", {"matchers": ['severity="page"'], "length": "10m"})
    return told(drill(FEW_NULLS, RELEASE, BAD, duration="60m"), *ANSWER, silence)


def test_what_a_harmless_fault_left_is_not_owed_by_its_neighbour(with_debt):
    found = marks(with_debt)
    assert found["slow"]["mitigate"] < found["slow"]["recover"] == 26.25, "the silence"
    assert found["nulls"]["impact"] is found["nulls"]["mitigate"] is None
    assert 38 < found["nulls"]["recover"] < 45, "the store was written anew"


def test_the_log_alone_cannot_tell_debts_apart(with_debt):
    """What the verdict goes by: both are over when nothing at all is owed."""
    log = {i.id: i.marks.recover for i in grade(with_debt, {}).incidents}
    assert log["slow"] == marks(with_debt)["nulls"]["recover"] * MINUTE
    judged = [grade(with_debt, twins) for twins in ({}, with_debt.twins)]
    assert len({(scores.verdict, scores.why) for scores in judged}) == 1


def test_two_that_would_each_be_enough_are_both_to_blame(drill):
    run = told(drill(SLOW, {**SLOW, "id": "slower", "at": "12m"}))
    found = marks(run)
    assert (found["slow"]["impact"], found["slower"]["impact"]) == (10.5, 12.25)
    assert found["slow"]["mitigate"] is found["slower"]["mitigate"] is None
    harm = HarmByFault.of(run, run.twins)
    late = harm.times >= 20 * MINUTE
    assert all(harm.breaches[one]["latency_p95"][late].all() for one in ("slow", "slower"))


def test_faults_of_different_objectives_are_told_apart(drill):
    run = told(drill(LATE, {**SLOW, "at": "12m"}, duration="40m"))
    harm = HarmByFault.of(run, run.twins)
    assert (harm.breached_objectives("late"), harm.breached_objectives("slow")) == (
        ["freshness"],
        ["latency_p95"],
    )


def test_no_twin_changes_the_verdict(harmless, in_turn):
    for run in (harmless, in_turn):
        judged = [grade(run, twins) for twins in ({}, run.twins)]
        assert len({(scores.verdict, scores.why) for scores in judged}) == 1


# -- the twins ---------------------------------------------------------------------------------


def before(run: Run, t: int) -> list:
    return [event for event in run.events if event.t < t]


def test_a_fault_left_out_changes_nothing_before_it(in_turn):
    for fault, onset in (("slow", 10 * MINUTE), ("rush", 35 * MINUTE)):
        other = in_turn.twins[f"without-{fault}"]
        assert before(other, onset) == before(in_turn, onset)
        assert tables(other, onset) == tables(in_turn, onset)
        assert other.digest != in_turn.digest


def test_a_fault_of_no_strength_is_missing_by_its_name_only(drill):
    # The other build never runs.
    idle = {**SLOW, "id": "idle", "at": "9m", "args": {"build": 5, "factor": 8}}
    run = told(drill(idle, SLOW), *ANSWER)
    other = run.twins["without-idle"]
    assert happened(other) == happened(run)
    assert tables(other) == tables(run)
    assert [e.data["id"] for e in run.of("inject")] == ["idle", "slow"]
    assert [e.data["id"] for e in other.of("inject")] == ["slow"]
    assert marks(run)["idle"]["impact"] is None


def test_it_has_the_runs_orders_and_what_cannot_be_done_fails(in_turn):
    def orders(run: Run) -> list:
        return [(event.t, event.data["action"], event.data["args"]) for event in run.of("order")]

    for other in (in_turn.twins["without-slow"], in_turn.twins["without-rush"]):
        assert orders(other) == orders(in_turn)
    states = [e.data["state"] for e in in_turn.twins["without-slow"].of("action")
              if e.data["action"] == "acknowledge"]  # fmt: skip
    assert states == ["started", "failed"], "there was no page to take"


def test_its_header_tells_what_is_left_out(in_turn):
    other = in_turn.twins["without-slow"]
    assert other.header["twin"] == "without-slow"
    assert [fault["id"] for fault in other.header["faults"]] == ["rush"]
    assert other.header["responder"] == in_turn.header["responder"]


def test_it_replays(drill, in_turn):
    setting, other = drill(RELEASE, BAD, RUSH, duration="60m"), in_turn.twins["without-slow"]
    again = play(setting, 1, Replay(other), name="by hand", twin="without-slow")
    assert again.digest == other.digest


def test_a_drill_with_one_fault_has_no_further_twins(drill, tmp_path):
    run = played(drill(SLOW))
    assert leave_one_out_names(run) == ()
    assert TwinPool(drill(SLOW), 1, tmp_path, run).wait() == {}
    assert not (tmp_path / "twins").exists()


def test_in_processes_of_their_own_they_are_the_same(drill, tmp_path):
    three = drill(TRICKLE, SLOW, {**TRICKLE, "id": "more", "at": "12m"}, duration="20m")
    run = told(three, *ANSWER)
    found = TwinPool(three, 1, tmp_path, run).wait()
    assert set(found) == {"without-trickle", "without-slow", "without-more"}
    assert all(found[which].digest == run.twins[which].digest for which in found)


# -- each its own cause ------------------------------------------------------------------------


def test_a_cause_is_stated_for_each_and_looked_up():
    causes = ["model-performance.serving_skew", "data.unit_change"]
    assert list(load("half-mended").scenario.expect.cause) == causes
    with pytest.raises(SourceError, match=r"expect.cause\[1\]: .* did you mean 'data.unit_change'"):
        load("half-mended", ["expect.cause=[model-performance.serving_skew, data.unit_chnge]"])
