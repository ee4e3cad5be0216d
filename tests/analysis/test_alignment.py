"""The cheapest alignment of steps with a playbook: by hand, and as laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.alignment import TakenStep, align
from simulator.run.header import PlaybookGraph, PlaybookMove

WEIGHTS = {"look": 1, "declare": 2, "close": 2, "scale": 4, "rollback": 4, "restart": 4}
# A look, then one of two orders, the second after a declaration; a close that may be left out.
MOVES = (
    PlaybookMove(0, 1, "look"),
    PlaybookMove(1, 2, "rollback", {"target": "serving"}),
    PlaybookMove(1, 3, "declare"),
    PlaybookMove(3, 2, "scale"),
    PlaybookMove(2, 4, "close"),
    PlaybookMove(2, 4),
    PlaybookMove(4, 0),
)
GRAPH = PlaybookGraph("small", 4, MOVES)
ROLLBACK = TakenStep("rollback", {"target": "serving"})
SHORTEST = 5  # a look and the rollback


def taken(*actions):
    return [ROLLBACK if action == "rollback" else TakenStep(action) for action in actions]


def aligned(*actions):
    return align(taken(*actions), GRAPH, WEIGHTS.__getitem__)


@pytest.mark.parametrize(
    ("actions", "cost", "extra", "missed"),
    [
        ("look rollback close", 0, "", ""),
        ("look rollback", 0, "", ""),
        ("look declare scale close", 0, "", ""),
        ("look rollback look rollback", 0, "", ""),  # it began again
        ("look restart rollback", 4, "restart", ""),
        ("rollback look close", 2, "look", "look"),  # in another order
        ("look scale", 2, "", "declare"),
        ("close", 5, "", "look rollback"),
        ("", 5, "", "look rollback"),
        ("restart", 9, "restart", "look rollback"),
    ],
)
def test_the_cheapest_alignment_by_hand(actions, cost, extra, missed):
    alignment = aligned(*actions.split())
    assert alignment.cost == cost
    assert alignment.weight == SHORTEST + sum(WEIGHTS[action] for action in actions.split())
    assert [step.action for step in alignment.extra] == extra.split()
    assert [move.action for move in alignment.missed] == missed.split()
    assert alignment.fitness == 1 - cost / alignment.weight


def test_an_order_about_another_target_is_another_step():
    model = TakenStep("rollback", {"target": "model"})
    alignment = align([TakenStep("look"), model], GRAPH, WEIGHTS.__getitem__)
    # The close is not missed, as the playbook may end without.
    assert (alignment.cost, alignment.extra, alignment.missed) == (8, (model,), (MOVES[1],))


def test_an_optional_step_costs_nothing_and_may_be_a_move():
    close = TakenStep("close", optional=True)
    for steps in ([close, *taken("look", "rollback")], [*taken("look", "rollback"), close]):
        alignment = align(steps, GRAPH, WEIGHTS.__getitem__)
        assert (alignment.cost, alignment.weight, alignment.extra) == (0, 10, ())


def test_without_an_alignment_the_playbook_is_wrong():
    with pytest.raises(ValueError, match="the end of the playbook small cannot be reached"):
        align([], PlaybookGraph("small", 9, MOVES), len)


@st.composite
def runs(draw):
    """The actions of a path through the graph."""
    actions, state = [], 0
    while state != GRAPH.end:
        move = draw(st.sampled_from([move for move in MOVES if move.source == state]))
        actions += [move.action] if move.action else []
        state = move.target
    return actions


sequences = st.lists(st.sampled_from(sorted(WEIGHTS)), max_size=8)


@given(runs())
def test_a_run_of_the_playbook_fits(actions):
    assert aligned(*actions).fitness == 1.0


@given(sequences)
def test_the_fitness_is_from_0_to_1(actions):
    assert 0.0 <= aligned(*actions).fitness <= 1.0


@given(sequences, st.integers(0, 8))
def test_a_step_that_the_playbook_has_not_never_raises_the_fitness(actions, at):
    more = [*actions[:at], "restart", *actions[at:]]
    assert aligned(*more).fitness <= aligned(*actions).fitness


@given(sequences)
def test_the_cost_is_the_weight_of_what_differs(actions):
    alignment = aligned(*actions)
    extra = sum(WEIGHTS[step.action] for step in alignment.extra)
    assert alignment.cost == extra + sum(WEIGHTS[move.action] for move in alignment.missed)


@given(sequences)
def test_no_order_of_the_steps_is_cheaper_than_leaving_all_out(actions):
    """An upper bound: every step extra, the shortest run missed."""
    assert aligned(*actions).cost <= SHORTEST + sum(WEIGHTS[action] for action in actions)
