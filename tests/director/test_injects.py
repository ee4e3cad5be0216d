"""Injects: faults on facts, contingency injects, changes, messages."""

import pytest

from simulator.director.faults import Faults
from simulator.responders import drive
from simulator.run.events import (
    ActionEvent,
    EndedEvent,
    InjectEvent,
    LandedEvent,
    LineEvent,
    MissedEvent,
)
from simulator.session import Session
from tests.small.playing import LATE, MINUTE, SLOW, UNLESS, Orders, play_orders, sample_bytes


def events(run, kind):
    return [(event.t // MINUTE, event.id) for event in run.of(kind)]


def test_an_inject_starts_at_its_time(drill):
    run = play_orders(drill(SLOW, {**LATE, "at": "7m"}, duration="15m"))
    assert events(run, InjectEvent) == [(7, "late"), (10, "slow")]


def test_an_inject_between_two_ticks_starts_at_the_next(drill):
    run = play_orders(drill({**SLOW, "at": "10m7s"}, duration="15m"))
    assert [event.t for event in run.of(InjectEvent)] == [10 * MINUTE + 15_000]


def test_a_failed_action_is_not_the_expected_event(drill):
    unless = {**UNLESS, "unless": {"event": "acknowledged", "by": "12m"}}
    run = play_orders(drill(unless, duration="15m"), (6, "acknowledge", {}))
    assert events(run, InjectEvent) == [(12, "who")]


def test_a_message_reaches_the_responder(drill):
    loop = Orders((14, "close", {}))
    session = Session(drill(UNLESS, duration="15m"), 1)
    drive(session, {session.plays: loop})
    assert [(n.kind, n.data["text"]) for n in loop.news if n.kind == "message"] == [
        ("message", "Who is on this?")]  # fmt: skip


def test_a_change_is_no_fault_and_can_be_rolled_back(drill):
    change = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
    run = play_orders(drill(change), (12, "rollback", {"target": "serving"}))
    assert [event.type for event in run.of(InjectEvent)] == ["change"]
    assert [*run.of(LandedEvent), *run.of(EndedEvent)] == []
    assert [e.note for e in run.of(ActionEvent)][-1] == "serving rolled back to build 8"


def test_a_failed_change_is_a_log_line(drill):
    change = {"at": "8m", "change": "rollback", "args": {"target": "serving"}}
    run = play_orders(drill(change, duration="12m"))
    (line,) = (e for e in run.of(LineEvent) if e.who == "deploy")
    assert line.text == "rollback failed: serving has nothing to go back to"


def test_a_fault_ends_with_its_fact_and_does_not_start_again(drill):
    run = play_orders(drill(LATE), (12, "page", {"team": "data", "about": "store-key"}))
    assert [event.why for event in run.of(EndedEvent)] == ["fact"]
    assert len(list(run.of(LandedEvent))) == 1


def test_a_fault_of_a_build_that_is_not_deployed_never_lands(drill):
    run = play_orders(drill({**SLOW, "args": {"build": 9, "factor": 8}}))
    assert list(run.of(LandedEvent)) == []
    assert sample_bytes(run) == sample_bytes(play_orders(drill()))


def missed(run):
    return [(event.t / MINUTE, event.fault, event.why) for event in run.of(MissedEvent)]


def test_a_missing_target_is_logged_at_once(drill):
    empty = {"id": "gone", "at": "10m", "fault": "node_loss", "args": {"node": "node-1"}}
    sets = {"pipeline.cluster.nodes": 2, "pipeline.cluster.lifecycle": {},
            "pipeline.stages.serving.replicas": 1, "pipeline.stages.serving.replicas_max": 3,
            "duration": "20m"}  # fmt: skip
    run = play_orders(drill(empty, **sets))
    assert missed(run) == [(10, "gone", "no pod on node-1")]
    more = play_orders(drill(empty, **sets), (8, "scale", {"replicas": 3}))
    assert (missed(more), len(list(more.of(LandedEvent)))) == ([], 1)


def test_a_missing_build_is_logged_at_the_end_if_it_never_came(drill):
    release = {"at": "12m", "change": "release", "args": {"target": "serving", "build": 9}}
    build = {**SLOW, "args": {"build": 9, "factor": 8}}
    assert missed(play_orders(drill(build))) == [(30, "slow", "no pod of build 9")]
    assert missed(play_orders(drill({**build, "for": "5m"}))) == [(15, "slow", "no pod of build 9")]
    assert missed(play_orders(drill(build, release))) == []


def test_faults_end_independently(drill):
    """Two expiries of one key at different times: a fix ends both; two `for:` end one each."""
    twice = (
        {**SLOW, "id": "a", "for": "5m", "args": {"build": 8, "factor": 3}},
        {**SLOW, "id": "b", "at": "12m", "for": "10m", "args": {"build": 8, "factor": 2}},
    )
    setting = drill(*twice)
    faults, world = Faults(), setting.world.clone()

    def speed(minute):
        world.now = minute * MINUTE
        for inject in setting.injects:
            if inject.at == world.now:
                faults.start(inject, world)
        list(faults.end_due(world))
        params = setting.params.unbent()
        faults.bend(params, world)
        return params.bends.speed[0]

    speeds = [speed(minute) for minute in (9, 10, 12, 15, 21, 22)]
    assert speeds == pytest.approx([1, 1 / 3, 1 / 6, 1 / 2, 1 / 2, 1])
