"""The graph of a playbook."""

from simulator.run.header import PlaybookMove
from simulator.scenario import Playbook
from simulator.setting.playbook_graph import playbook_graph

GONE = {"query": "absent(ALERTS)", "within": "30m"}


def moves(*steps):
    """The moves of a playbook of these steps, without the last, by which it begins again."""
    content = {"playbook": 1, "name": "small", "steps": list(steps)}
    graph = playbook_graph(Playbook.model_validate(content))
    assert graph.moves[-1] == PlaybookMove(graph.end, 0)
    return [(m.source, m.target, m.action) for m in graph.moves[:-1]], graph.end


def arguments(step):
    (move, _) = playbook_graph(
        Playbook.model_validate({"playbook": 1, "name": "small", "steps": [*LOOKED, step]})
    ).moves[1:]
    return move.args


LOOKED = [{"look": "up", "as": "up"}]


def test_steps_are_moves_one_after_another_and_waiting_is_none():
    assert moves({"acknowledge": {}}, {"wait": "5m"}, {"tell": {"to": ["product"]}}) == (
        [(0, 1, "acknowledge"), (1, 2, "status_update")],
        2,
    )


def test_a_step_with_a_condition_may_be_skipped_after_looks():
    assert moves({"if": "up > 0", "act": {"restart": {}}}) == (
        [(0, 0, "look"), (0, 1, "restart"), (1, 2, ""), (0, 2, "")],
        2,
    )


def test_branches_are_ways_side_by_side():
    scale, restart = [{"act": {"scale": {"replicas": 4}}}], [{"act": {"restart": {}}}]
    first = {"if": "up > 0", "steps": scale}
    both = [(0, 0, "look"), (0, 1, "scale"), (0, 2, "restart"), (1, 3, ""), (2, 3, "")]
    assert moves({"branch": [first, {"otherwise": True, "steps": restart}]}) == (both, 3)
    none_may_hold = [(0, 0, "look"), (0, 1, "scale"), (1, 2, ""), (0, 2, "")]
    assert moves({"branch": [first]}) == (none_may_hold, 2)


def test_a_verify_looks_again_and_again_and_has_an_end_of_its_own_when_time_runs_out():
    assert moves({"verify": GONE}) == ([(0, 1, "look"), (1, 1, "look")], 1)
    ways = [(0, 1, "look"), (1, 1, "look"), (1, 2, "escalate"), (2, 3, ""), (1, 3, "")]
    assert moves({"verify": GONE, "otherwise": [{"escalate": {}}]}) == (ways, 3)


def test_a_move_is_about_what_its_arguments_name_before_the_drill():
    assert arguments({"act": {"rollback": {"target": "serving"}}}) == {"target": "serving"}
    assert arguments({"act": {"scale": {"replicas": 6}}}) == {}
    assert arguments({"act": {"materialize": {"view": "${up.job}"}}}) == {}
    assert arguments({"diagnose": {"cause": "latency.slow_build", "component": "serving"}}) == {}
    assert arguments({"page": {"team": "data", "need": "help"}}) == {"team": "data"}
    assert arguments({"escalate": {"to": "incident-command"}}) == {}
