"""Debts: every name in a `leaves` is a part, and the order in which they are logged."""

import dataclasses

import numpy as np
import pytest

from simulator.actions import ACTIONS
from simulator.debts import DEBTS, Snapshot, by_rank
from simulator.faults import FAULTS
from simulator.pipeline.cluster.laws import AutoscalerLaw


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


def test_replicas_that_the_load_needs_are_no_debt(quiet):
    """Three replicas of four slots serve 60 requests a second of 100 ms at 6 of their slots."""
    params = dataclasses.replace(
        quiet.params,
        rate=60.0,
        profile=np.ones(24),
        service_ms=100.0,
        concurrency=4,
        feature_read_ms=0.0,
    )
    world = quiet.world.clone()
    world.now = 3_600_000

    def owed(replicas, **laws):
        world.cluster.desired_replicas = replicas
        laws = dataclasses.replace(params, **laws)
        return DEBTS.get("extra_replicas")().is_owed(Snapshot(world, laws, 0, initial_replicas=1))

    assert [replicas for replicas in range(1, 5) if owed(replicas)] == [3, 4]
    assert not owed(4, rate=150.0)
    assert not owed(4, autoscaler=AutoscalerLaw(least=1, most=9, target=0.5))
