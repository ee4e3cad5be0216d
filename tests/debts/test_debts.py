"""Debts: every name in a `leaves` is a part, and an action leaves what it names."""

import pytest

from simulator.actions import ACTIONS
from simulator.debts import DEBTS, by_rank
from simulator.faults import FAULTS
from tests.small.story import owed, played

BATCHING = {
    "pipeline.stages.serving.queues": "per_replica",
    "pipeline.stages.serving.batching": {"max_size": 8, "max_wait": "5ms", "further": "15%"},
}
# Arguments with which an action leaves its debt, and with which it pays it.
ORDERS = {
    "cap_batch": ({"most": 2}, {"most": 0}),
    "cordon_node": ({"node": 0}, {"node": 0, "back": True}),
    "pause_releases": ({}, {"pause": False}),
    "quarantine": ({"feature": "x2"}, {"feature": "x2", "lift": True}),
    "scale": ({"replicas": 4}, {"replicas": 2}),
    "silence": ({"matchers": ['alertname="none"'], "length": "5m"}, None),  # it ends by itself
}


@pytest.mark.parametrize("registry", [FAULTS, ACTIONS], ids=["faults", "actions"])
def test_every_name_in_a_leaves_is_a_debt(registry):
    for cls in registry.all().values():
        assert set(cls.leaves) <= set(DEBTS)


def test_every_debt_is_left_by_a_fault_or_an_action():
    parts = [*FAULTS.all().values(), *ACTIONS.all().values()]
    assert {name for cls in parts for name in cls.leaves} == set(DEBTS)


@pytest.mark.parametrize("name", [name for name, cls in ACTIONS.all().items() if cls.leaves])
def test_an_action_leaves_its_debt_until_it_is_undone(name, drill):
    leaving, paying = ORDERS[name]
    setting = drill(duration="15m", **(BATCHING if name == "cap_batch" else {}))
    orders = [(6, name, leaving)] + ([(10, name, paying)] if paying is not None else [])
    run = played(setting, *orders)
    assert owed(run, 9) == set(ACTIONS.get(name).leaves)
    assert owed(run) == set()


def test_debts_are_logged_in_the_order_of_their_ranks():
    assert [debt.kind for debt in by_rank()] == [
        "stale_values", "poisoned_model", "full_volume", "backlog", "quarantine", "silence",
        "extra_replicas", "paused_releases", "capped_batches", "cordoned_nodes",
    ]  # fmt: skip
