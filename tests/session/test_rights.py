"""Rights: what a team must not order, what needs an approval, and whom to ask."""

import pytest

from simulator.responders import drive
from simulator.run import Player
from simulator.run.events import ActionEvent, EndedEvent, OrderEvent, PageEvent
from simulator.session import Session
from tests.small.playing import LATE, Orders, play_orders

RETRAIN, DRAIN = ("retrain", {}), ("drain_node", {"node": 2})
MAY = {"never": ["drain_node"], "with_approval": ["retrain", "rerun_job"], "ask": "command"}


@pytest.fixture
def bound(drill):
    """`bound(…)`: the small drill in which a team has rights."""

    def bound(*injects, may=MAY, **changes):
        changes = {"duration": "16m", **changes}
        return drill(*injects, oncall__teams__ml__may=may, **changes)

    return bound


def ends(run, who="ml"):
    """How the orders of a player ended: action, state, note."""
    last = (event for event in run.of(ActionEvent) if event.who == who and event.ends)
    return [(event.action, event.state, event.note) for event in last]


def outcomes(run, who="ml"):
    return [(action, state) for action, state, _ in ends(run, who)]


def play(setting, players, **orders):
    session = Session(setting, 1, players=players)
    drive(session, {name: Orders(*asked) for name, asked in orders.items()})
    return session.finish()


def approve(minute, action="retrain", **more):
    return minute, "approve", {"action": action, **more}


# -- without an approval -------------------------------------------------------------------------


def test_an_order_without_the_right_fails_when_it_starts_and_changes_nothing(bound):
    run = play_orders(bound(), (6, *RETRAIN), (8, *DRAIN))
    assert outcomes(run) == [("retrain", "failed"), ("drain_node", "failed")]
    states = [event.state for event in run.of(ActionEvent)]
    assert states == ["started", "failed"] * 2
    assert [event.action for event in run.of(OrderEvent)] == ["retrain", "drain_node"]


@pytest.mark.parametrize(
    ("may", "changes", "order", "note"),
    [
        (MAY, {"oncall__teams__data__owns": ["cluster"]}, DRAIN,
         "drain_node: ml must not order it; ask data, who owns cluster"),
        (MAY, {}, DRAIN, "drain_node: ml must not order it; ask command"),
        ({"never": ["drain_node"]}, {}, DRAIN, "drain_node: ml must not order it"),
        (MAY, {}, RETRAIN,
         "retrain: ml needs an approval; ask command (page command with need: retrain)"),
        ({"with_approval": ["drain_node"]}, {"oncall__teams__data__owns": ["cluster"]}, DRAIN,
         "drain_node: ml needs an approval; "
         "ask data, who owns cluster (page data with need: drain_node)"),
        ({"with_approval": ["retrain"]}, {}, RETRAIN,
         "retrain: ml needs an approval; "
         "assign another player or person the role commander, who approves it"),
    ],
)  # fmt: skip
def test_the_note_says_whom_to_ask(may, changes, order, note, bound):
    run = play_orders(bound(may=may, duration="10m", **changes), (6, *order))
    assert [end[2] for end in ends(run)] == [note]


def test_the_commander_is_asked_where_there_is_nobody_else(bound):
    setting = bound(may={"with_approval": ["retrain"]}, duration="10m")
    run = play_orders(setting, (6, "assign", {"role": "commander", "to": "jo"}), (7, *RETRAIN))
    assert ends(run)[1][2] == "retrain: ml needs an approval; ask jo, the commander"


def test_the_director_and_other_teams_are_free(bound):
    change = {"at": "6m", "change": "rerun_job", "args": {"job": "train"}}
    setting = bound(change)
    run = play(setting, [Player("ana", "ml"), Player("dee", "data")], dee=[(12, *RETRAIN)])
    assert outcomes(run, "dee") == [("retrain", "done")]
    lines = [event.text for event in run.events if event.kind == "line" and event.who == "deploy"]
    assert lines == ["run of train ordered"]


def test_a_simulated_owner_is_free_and_another_simulated_team_is_not(drill):
    never = {"may": {"never": ["fix_upstream"]}}
    owner = {"members": ["dee"], "owns": ["store-key"], "acknowledge": "2m", "work": "5m"}
    page = (12, "page", {"team": "data", "about": "store-key"})
    run = play_orders(drill(LATE, oncall__teams__data={**owner, **never}), page)
    assert outcomes(run, "data") == [("fix_upstream", "done")]
    assert len(list(run.of(EndedEvent))) == 1


# -- with an approval ----------------------------------------------------------------------------


def test_an_approval_of_the_asked_team_lets_the_order_through_from_then_on(bound):
    run = play(
        bound(),
        [Player("ana", "ml"), Player("kim", "command")],
        ana=[(6, *RETRAIN), (8, *RETRAIN), (14, "rerun_job", {"job": "train"})],
        kim=[approve(7)],
    )
    assert outcomes(run, "ana") == [
        ("retrain", "failed"),
        ("retrain", "done"),
        ("rerun_job", "failed"),
    ]


def test_nobody_approves_their_own_orders_but_a_colleague_who_commands_does(bound):
    players = [Player("ana", "ml"), Player("ben", "ml")]
    setting = bound(may={"with_approval": ["retrain"]})
    command = (6, "assign", {"role": "commander", "to": "ana"})
    own = play(setting, players, ana=[command, approve(7), (8, *RETRAIN)])
    assert outcomes(own, "ana")[1:] == [("approve", "done"), ("retrain", "failed")]
    colleague = play(setting, players, ana=[command, approve(7)], ben=[(8, *RETRAIN)])
    assert outcomes(colleague, "ben") == [("retrain", "done")]


def test_an_approval_for_one_target_is_for_no_other(bound):
    run = play(
        bound(),
        [Player("ana", "ml"), Player("kim", "command")],
        ana=[(8, "rerun_job", {"job": "fill"}), (9, "rerun_job", {"job": "train"})],
        kim=[approve(7, "rerun_job", target="train")],
    )
    assert outcomes(run, "ana") == [("rerun_job", "failed"), ("rerun_job", "done")]


def test_an_owner_approves_orders_about_their_own_components_only(bound):
    may = {"with_approval": ["rerun_job"]}
    run = play(
        bound(may=may, oncall__teams__data__owns=["fill"]),
        [Player("ana", "ml"), Player("dee", "data")],
        ana=[(8.5, "rerun_job", {"job": "fill"}), (9, "rerun_job", {"job": "train"})],
        dee=[approve(7, "rerun_job")],
    )
    assert outcomes(run, "ana") == [("rerun_job", "done"), ("rerun_job", "failed")]


def test_a_page_that_may_not_be_sent_takes_no_number_in_a_twin_either(bound):
    """Else the pages after it would have other numbers and other luck."""
    setting = bound(may={"never": ["escalate"]})
    orders = ((6, "escalate", {}), (7, "page", {"team": "data"}))
    run = play_orders(setting, *orders)
    twin = Session(setting, 1, omitted=frozenset({("ml", 1)}))
    drive(twin, {"ml": Orders(*orders)})
    times = [[(e.t, e.page, e.state) for e in r.of(PageEvent)] for r in (run, twin.finish())]
    assert times[0] == times[1] != []
