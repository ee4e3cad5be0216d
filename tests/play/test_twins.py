"""Twins: runs of the same seed with one difference."""

from simulator.play import play, play_twin
from simulator.play.twins import (
    NO_FAULT_TWIN,
    NONE_TWIN,
    REFERENCE_TWIN,
    independent_twins,
    is_reference,
    reference_playbook,
)
from simulator.responders.choose import choose
from simulator.responders.playbook import Follower
from simulator.run.events import InjectEvent, LandedEvent, OrderEvent
from tests.small.playing import LATE, SLOW, Orders, play_orders, sample_bytes, simulated_events

ROLLBACK = {
    "playbook": 1,
    "name": "rollback",
    "steps": [{"act": {"rollback": {"target": "serving"}}}],
}
WAIT = {"playbook": 1, "name": "wait", "steps": [{"acknowledge": {}}]}


def test_the_no_fault_twin_is_the_drill_without_faults(drill, quiet):
    twin = play_twin(drill(SLOW, LATE), 2, NO_FAULT_TWIN)
    without_faults = play_orders(quiet, seed=2)
    assert simulated_events(twin) == simulated_events(without_faults)
    assert sample_bytes(twin) == sample_bytes(without_faults)
    assert twin.header.twin == "no-fault"
    assert twin.header.faults == ()


def test_the_no_fault_twin_keeps_changes_and_messages(drill):
    change = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
    message = {"at": "9m", "message": {"from": "product", "to": "primary", "text": "All well?"}}
    twin = play_twin(drill(change, message, SLOW), 2, NO_FAULT_TWIN)
    assert [event.type for event in twin.of(InjectEvent)] == ["change", "message"]


def test_the_none_twin_has_the_faults_and_no_responder(drill):
    setting = drill(SLOW)
    run = play(setting, 2, Orders((12, "acknowledge", {}), (13, "restart", {})))
    none = play_twin(setting, 2, NONE_TWIN)
    assert [e.name for e in none.of(LandedEvent)] == [e.name for e in run.of(LandedEvent)]
    assert list(none.of(OrderEvent)) == []
    first = next(event.t for event in run.of(OrderEvent))
    assert [e for e in run.events if e.t < first] == [e for e in none.events if e.t < first]


def test_the_reference_twin_is_the_drill_with_its_playbook(drill):
    setting = drill(SLOW, responder=ROLLBACK)
    name, responder = choose(setting, None)
    twin = play_twin(setting, 2, REFERENCE_TWIN)
    assert name == twin.header.responder == "rollback"
    assert play(setting, 2, responder, name=name).digest == twin.digest
    assert "rollback" in [event.action for event in twin.of(OrderEvent)]


def test_the_reference_is_par_or_else_the_responder(drill, quiet):
    setting = drill(SLOW, responder=ROLLBACK, par=WAIT)
    assert reference_playbook(setting).name == "wait"
    assert reference_playbook(drill(SLOW, responder=ROLLBACK)).name == "rollback"
    assert reference_playbook(quiet) is None
    assert REFERENCE_TWIN not in independent_twins(quiet)


def test_a_run_of_the_reference_playbook_is_its_own_reference(drill):
    setting = drill(SLOW, responder=ROLLBACK, par=WAIT)
    assert is_reference(setting, Follower(setting.scenario.par))
    assert not is_reference(setting, choose(setting, None)[1])
    assert not is_reference(setting, None)
    assert independent_twins(setting, reference=False) == (NO_FAULT_TWIN, NONE_TWIN)
