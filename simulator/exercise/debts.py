"""Debts: what a fault or an order leaves behind, until somebody pays it.

Mitigated is not recovered: rows in the wrong unit may still lie in the store, a model may
have learnt from them, a silence may still hold.
"""

from __future__ import annotations

from simulator.pipeline.cluster import volumes
from simulator.pipeline.jobs import dag
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store
from simulator.pipeline.world import World

# Share of a version's training rows that a fault had bent, from which it is poisoned.
POISONED = 0.01
# A view is behind by more than this many of its runs' intervals.
BEHIND = 2.5


def owed(world: World, params: Params, silences: int, replicas: int) -> dict[str, bool]:
    """Every debt by name, and whether it is owed now.

    Parameters
    ----------
    world, params : World, Params
        The unbent laws.
    silences : int
        Silences that hold now.
    replicas : int
        As many as there were at the start.
    """
    champion = world.trained.get(world.releases.model)
    return {
        "stale_values": any(world.store.laws.values()) or any(world.store.behind.values()),
        "poisoned_model": bool(champion and champion["bent"] > POISONED * champion["rows"]),
        "full_volume": volumes.short(world, params),
        "backlog": any(_behind(world, params, view) for view in world.store.through),
        "quarantine": bool(world.quarantined),
        "silence": silences > 0,
        "extra_replicas": world.cluster.wanted > replicas,
        "paused_releases": world.releases.paused,
        "capped_batches": _capped(world, params),
        "cordoned_nodes": bool(world.cluster.cordoned),
    }


def _capped(world: World, params: Params) -> bool:
    law, cap = params.lanes, world.cluster.batch_cap
    return law is not None and 0 < cap < law.batching.max_size


def _behind(world: World, params: Params, view: str) -> bool:
    job = next((law for law in params.jobs if law.view == view and law.scheduled), None)
    if job is None:
        return False
    i = dag.index(params, job.name)
    return feature_store.age_ms(world, view) > BEHIND * dag.period(world, params, i) + int(
        world.jobs.last_duration[i]
    )
