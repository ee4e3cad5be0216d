"""Twins: runs of the same seed with one difference."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.play import play, play_twin, play_with_twins
from simulator.play.twins import (
    NO_FAULT_TWIN,
    NONE_TWIN,
    REFERENCE_TWIN,
    independent_twins,
    is_reference,
    play_again,
    twins_with_orders,
)
from simulator.responders.choose import choose
from simulator.responders.playbook import Follower
from simulator.run import Player, Run
from simulator.run.events import ActionEvent, InjectEvent, LandedEvent, OrderEvent, PageEvent
from tests.small.playing import LATE, SLOW, Orders, play_orders, sample_bytes, simulated_events

ROLLBACK = {
    "playbook": 1,
    "name": "rollback",
    "steps": [{"act": {"rollback": {"target": "serving"}}}],
}
RELEASE = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
BAD = {**SLOW, "args": {"build": 9, "factor": 8}}
WAIT = {"playbook": 1, "name": "wait", "steps": [{"acknowledge": {}}]}


def test_the_no_fault_twin_is_the_drill_without_faults(drill, quiet):
    twin = play_twin(drill(SLOW, LATE), 2, NO_FAULT_TWIN)
    without_faults = play_orders(quiet, seed=2)
    assert simulated_events(twin) == simulated_events(without_faults)
    assert sample_bytes(twin) == sample_bytes(without_faults)
    assert twin.header.twin == "no-fault"
    assert twin.header.faults == ()


def test_the_no_fault_twin_keeps_changes_and_messages(drill):
    message = {"at": "9m", "message": {"from": "product", "to": "primary", "text": "All well?"}}
    twin = play_twin(drill(RELEASE, message, SLOW), 2, NO_FAULT_TWIN)
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
    assert setting.reference_playbook.name == "wait"
    assert drill(SLOW, responder=ROLLBACK).reference_playbook.name == "rollback"
    assert quiet.reference_playbook is None
    assert REFERENCE_TWIN not in independent_twins(quiet)


def test_a_run_of_the_reference_playbook_is_its_own_reference(drill):
    setting = drill(SLOW, responder=ROLLBACK, par=WAIT)
    assert is_reference(setting, Follower(setting.scenario.par))
    assert not is_reference(setting, choose(setting, None)[1])
    assert not is_reference(setting, None)
    assert independent_twins(setting, reference=False) == (NO_FAULT_TWIN, NONE_TWIN)


@pytest.mark.parametrize(("par", "own"), [(ROLLBACK, True), (WAIT, False)])
def test_the_header_says_whether_a_run_is_its_own_reference(drill, tmp_path, twin_cache, par, own):
    setting = drill(SLOW, responder=ROLLBACK, par=par, duration="12m")
    name, responder = choose(setting, None)
    play_with_twins(setting, 2, responder, name=name, folder=tmp_path)
    run = Run.open(tmp_path)
    assert run.header.reference == own
    assert ("reference" not in run.twins) == own


# -- one order less --------------------------------------------------------------------------

ANSWER = (
    (12, "acknowledge", {}),
    (14, "rollback", {"target": "serving"}),
    (14, "declare", {"severity": "SEV3"}),
    (20, "page", {"team": "data", "text": "Do you see it too?"}),
    (21, "page", {"team": "data", "text": "Do you see it too?"}),
)


@pytest.fixture(scope="module")
def answered(drill):
    """A release of a slow build, its answer, and the twins without one order by name."""
    setting = drill(RELEASE, BAD)
    run = play(setting, 2, Orders(*ANSWER))
    twins = twins_with_orders(run)
    return run, {twin.name: play_twin(setting, 2, twin, run) for twin in twins}


def orders_of(run):
    return {(order.who, order.id): order for order in run.of(OrderEvent) if not order.simulated}


def test_orders_that_are_more_than_talk_are_left_out_once(answered):
    run, twins = answered
    assert list(twins) == ["without-order-ml-2", "without-order-ml-4"]
    left_out = {name: orders_of(run).keys() - orders_of(twins[name]).keys() for name in twins}
    assert left_out == {
        "without-order-ml-2": {("ml", 2)},
        "without-order-ml-4": {("ml", 4), ("ml", 5)},
    }


def test_the_other_orders_keep_their_numbers_and_times(answered):
    run, twins = answered
    for twin in twins.values():
        orders = orders_of(twin)
        assert {key: orders_of(run)[key] for key in orders} == orders
        assert {action.order for action in twin.of(ActionEvent) if action.who == "ml"} == {
            number for _, number in orders
        }


@pytest.mark.parametrize(("name", "number"), [("without-order-ml-2", 2), ("without-order-ml-4", 4)])
def test_before_the_order_nothing_differs(answered, name, number):
    run, twins = answered
    start = orders_of(run)["ml", number].t
    assert [e for e in run.events if e.t < start] == [e for e in twins[name].events if e.t < start]
    assert sample_bytes(run, start) == sample_bytes(twins[name], start)


def test_without_a_page_later_pages_keep_their_numbers(drill):
    """Whoever acknowledges one by its number acknowledges the same in the twin."""
    orders = (6, "escalate", {}), (14, "acknowledge", {"page": 2})
    setting = drill(SLOW, duration="15m")
    run = play(setting, 2, Orders(*orders))
    twin = play_twin(setting, 2, twins_with_orders(run)[0], run)
    pages = [event for event in run.of(PageEvent) if event.page == 2]
    assert [event.state for event in pages] == ["sent", "delivered", "seen", "acknowledged"]
    assert twin.of(PageEvent) == pages


def test_without_the_rollback_the_breach_lasts(answered):
    run, twins = answered
    assert run.truth["latency_p95"][-1] < 0.4
    assert not twins["without-order-ml-2"].truth["latency_p95"][-1] < 0.4
    assert twins["without-order-ml-4"].truth["latency_p95"][-1] < 0.4


def test_a_twin_without_an_order_is_played_again_from_its_folder(drill, tmp_path):
    setting, folder = drill(RELEASE, BAD, duration="15m"), tmp_path / "twins/without-order-ml-2"
    folder.mkdir(parents=True)
    run = play(setting, 2, Orders(*ANSWER[:3]), folder=tmp_path)
    twin = play_twin(setting, 2, twins_with_orders(run)[0], run, folder=folder)
    assert play_again(setting, twin).digest == twin.digest != run.digest


ORDERS = st.sampled_from(
    [
        ("acknowledge", {}),
        ("page", {"team": "data", "text": "Is it you?"}),
        ("restart", {}),
        ("rollback", {"target": "serving"}),
        ("scale", {"target": "serving", "replicas": 3}),
        ("scale", {"target": "serving", "replicas": 8}),
    ]
)


@pytest.mark.slow
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(6, 13), ORDERS), max_size=6))
def test_a_twin_is_the_run_until_the_order_that_it_lacks(drill, orders):
    setting = drill(RELEASE, BAD, duration="15m")
    run = play(setting, 3, Orders(*((minute, *order) for minute, order in orders)))
    for twin in twins_with_orders(run):
        other, start = play_twin(setting, 3, twin, run), orders_of(run)[min(twin.omitted)].t
        assert [e for e in run.events if e.t < start] == [e for e in other.events if e.t < start]
        assert sample_bytes(run, start) == sample_bytes(other, start)
        assert orders_of(other).keys() == orders_of(run).keys() - twin.omitted


def test_the_twins_of_a_directed_drill_have_its_facilitators_orders(drill, tmp_path, twin_cache):
    """The fault of a facilitator is in the twin without an answer, the hint in both."""
    players = [Player("ml", "ml"), Player("gm", role="facilitator")]
    orders = [
        (7, "inject", {"id": "live", "fault": "overload", "args": {"rate": "80/s"}}),
        (9, "hint", {"to": "ml", "text": "look at the queue"}),
    ]
    answers = {"ml": Orders((12, "declare", {"severity": "SEV3"})), "gm": Orders(*orders)}
    setting = drill(duration="13m")
    run = play_with_twins(setting, 1, answers, players=players, folder=tmp_path)
    calm, none = run.twins["no-fault"], run.twins["none"]
    assert [event.id for event in none.of(InjectEvent)] == ["live"]
    assert [event.id for event in calm.of(InjectEvent)] == []
    assert [event.who for event in none.of(OrderEvent)] == ["gm", "gm"]
    assert [event.who for event in calm.of(OrderEvent)] == ["gm", "gm"]
    assert len(none.of(LandedEvent)) == 1
