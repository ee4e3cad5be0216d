"""Whether an order changed any fact, and what it acted on: logged, and hidden from its player."""

import pytest

from simulator.run.events import ActionEvent
from simulator.session import Session
from simulator.session.fact_changes import equal_facts
from tests.small.playing import MINUTE, Orders, play_orders
from tests.test_laws import reachable_texts

SILENCE = {"matchers": ['alertname="LatencyHigh"'], "length": "5m"}


def ends(run):
    return [event for event in run.of(ActionEvent) if event.ends]


@pytest.mark.parametrize(
    ("kind", "args", "target"),
    [
        ("pause_releases", {}, "model"),
        ("scale", {"replicas": 3}, "serving"),
        ("quarantine", {"feature": "x1"}, "x1"),
        ("cordon_node", {"node": 1}, "cluster"),
    ],
)
def test_an_order_that_repeats_another_changes_nothing(quiet, kind, args, target):
    """Traffic and jobs move on between the two, and while each takes its time."""
    first, second = ends(play_orders(quiet, (5, kind, args), (8, kind, args)))
    assert (first.changed, first.targets) == (True, (target,))
    assert (second.changed, second.targets) == (False, (target,))


def test_a_silence_is_a_fact_too(quiet):
    (end,) = ends(play_orders(quiet, (5, "silence", SILENCE)))
    assert (end.changed, end.targets) == (True, ("alertmanager",))


def test_an_order_that_failed_changed_nothing(quiet):
    (end,) = ends(play_orders(quiet, (5, "rollback", {"target": "evaluate"})))
    assert (end.state, end.changed, end.targets) == ("failed", False, ("evaluate",))


def test_talk_and_calls_are_not_compared(quiet):
    run = play_orders(quiet, (5, "declare", {"severity": "SEV4"}), (6, "page", {"team": "data"}))
    assert [(end.changed, end.targets) for end in ends(run)] == [(True, ())] * 2


def test_the_player_does_not_see_it(quiet):
    session, orders = Session(quiet, 1), Orders((5, "scale", {"replicas": 2}))
    while session.now < session.ends:
        orders.respond(session.door("ml"))
        session.advance(session.now + MINUTE)
    assert [end.changed for end in ends(session.finish())] == [False]
    texts = list(reachable_texts([orders.news], {}))
    assert "replicas 2 -> 2" in texts
    assert not {"changed", "targets"} & set(texts)


def test_a_world_equals_its_copy_until_a_fact_differs(quiet):
    world, other = quiet.world, quiet.world.clone()
    assert equal_facts(world, other)
    other.log.score[3] += 1e-9
    assert not equal_facts(world, other)
