"""Approvals: who can give one, and what is told to whoever cannot."""

import pytest

from simulator.responders import drive
from simulator.run import Player
from simulator.run.events import ActionEvent, MessageEvent
from simulator.session import Session
from tests.small.playing import Orders, play_orders

MAY = {"never": ["drain_node"], "with_approval": ["retrain", "cordon_node"], "ask": "command"}


@pytest.fixture
def setting(drill):
    """Ten minutes in which the team ml has limits."""
    return drill(oncall__teams__ml__may=MAY, duration="10m")


def ends(run):
    return [(event.state, event.note) for event in run.of(ActionEvent) if event.ends]


@pytest.mark.parametrize(
    ("args", "note"),
    [
        ({"action": "retrain"},
         "retrain: ml cannot approve it; ask command (page command with need: retrain)"),
        ({"action": "drain_node"},
         "drain_node: ml must not order it, with no approval; ask command"),
        ({"action": "retran"}, "no action 'retran'; did you mean 'retrain'?"),
        ({"action": "retrain", "team": "dat"}, "there is no team 'dat'; did you mean 'data'?"),
        ({"action": "retrain", "target": "model"}, "retrain has no target; given 'model'"),
        ({"action": "cordon_node", "target": "node-19"},
         "nothing is called 'node-19'; did you mean 'node-1'?"),
    ],
)  # fmt: skip
def test_whoever_cannot_approve_is_told_whom_to_ask(args, note, setting):
    assert ends(play_orders(setting, (6, "approve", args))) == [("failed", note)]


@pytest.mark.parametrize(
    ("approver", "action", "owns", "state"),
    [
        (Player("kim", "command"), "retrain", [], "done"),  # whom `ask` names
        (Player("dee", "data"), "cordon_node", ["cluster"], "done"),  # the owner of all nodes
        (Player("dee", "data"), "cordon_node", ["feed"], "failed"),
        (Player("dee", "data"), "retrain", ["cluster"], "failed"),  # it is about no component
    ],
)
def test_who_can_approve(approver, action, owns, state, drill):
    setting = drill(oncall__teams__ml__may=MAY, oncall__teams__data__owns=owns, duration="10m")
    session = Session(setting, 1, players=[Player("ana", "ml"), approver])
    ana, orders = Orders(), Orders((6, "approve", {"action": action}))
    drive(session, {"ana": ana, approver.name: orders})
    run = session.finish()
    assert [end[0] for end in ends(run)] == [state]
    # The team hears of it.
    texts = [item.data for item in ana.news]
    news = [{"from": approver.name, "text": f"{action} is approved"}]
    assert texts == (news if state == "done" else [])
    assert len(list(run.of(MessageEvent))) == len(texts)


def test_the_commander_approves_whoever_they_are(setting):
    session = Session(setting, 1, players=[Player("ana", "ml"), Player("dee", "data")])
    assign = (6, "assign", {"role": "commander", "to": "data"})
    drive(
        session,
        {
            "ana": Orders(assign),
            "dee": Orders((7, "approve", {"action": "cordon_node", "target": "node-1"})),
        },
    )
    done = [event.result for event in session.finish().of(ActionEvent) if event.state == "done"]
    assert done[1] == {"action": "cordon_node", "team": "ml", "target": "node-1"}
