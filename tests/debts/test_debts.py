"""Debts: every name in a `leaves` is a part, and the order in which they are logged."""

import pytest

from simulator.actions import ACTIONS
from simulator.debts import DEBTS, by_rank
from simulator.faults import FAULTS


@pytest.mark.parametrize("registry", [FAULTS, ACTIONS], ids=["faults", "actions"])
def test_every_name_in_a_leaves_is_a_debt(registry):
    for cls in registry.all().values():
        assert set(cls.leaves) <= set(DEBTS)


def test_every_debt_is_left_by_a_fault_or_an_action():
    parts = [*FAULTS.all().values(), *ACTIONS.all().values()]
    assert {name for cls in parts for name in cls.leaves} == set(DEBTS)


def test_debts_are_logged_in_the_order_of_their_ranks():
    # Others, of the default rank, follow.
    assert [debt.kind for debt in by_rank()][:10] == [
        "stale_values", "poisoned_model", "full_volume", "backlog", "quarantine", "silence",
        "extra_replicas", "paused_releases", "capped_batches", "cordoned_nodes",
    ]  # fmt: skip
