"""Pools of replicas beside the main one: every request goes to one of them and is served there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster.laws import AutoscalerLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ID
from simulator.pipeline.serving import replica_pools, server
from simulator.pipeline.serving.laws import CacheLaw, DependencyLaw
from simulator.pipeline.serving.replica_pools import CODES, MAIN
from simulator.pipeline.world import ServingPool, World
from tests.pipeline.model_server import ServerRun, laws
from tests.pipeline.simpy_server import SimpyServer

SEED = 1


def with_pools(*names: str, **changes: Any) -> Params:
    """Laws of a server with pools that are as the main one."""
    params = laws(**changes)
    params.serving_pools = {name: replace(params, pods=name) for name in names}
    return params


def shares(world: World, **share: float) -> None:
    """Send these shares of the requests to the pools."""
    for name, of_requests in share.items():
        world.pools[name].share = of_requests


def inside(world: World, t: int) -> int:
    """Requests in all pools whose clients still wait."""
    pools: list[World | ServingPool] = [world, *world.pools.values()]
    return sum(server.inside(pool.queue, t) for pool in pools)


def by_pool(run: ServerRun, name: str) -> dict[str, int]:
    """The answers of one pool by code."""
    codes = {code: f"{name}/{code}" for code in CODES}
    return {code: sum(s.by_pool[key] for s in run.samples) for code, key in codes.items()}


def parts_of(run: ServerRun, seed: int = SEED) -> dict[str, Floats]:
    """All first attempts of a run by the pool that they went to, by today's shares."""
    arrived = np.concatenate(run.arrivals)
    return replica_pools.split(run.world.pools, arrived, seed)


@settings(max_examples=25, deadline=None)
@given(
    first=st.floats(0.0, 1.0),
    of_rest=st.floats(0.0, 1.0),
    rate=st.sampled_from([20.0, 90.0, 200.0]),
    standby=st.integers(0, 4),
    queue_cap=st.sampled_from([0, 10, 200]),
)
def test_every_request_is_served_or_refused_once(
    first: float, of_rest: float, rate: float, standby: int, queue_cap: int
) -> None:
    params = with_pools("east", "west", rate=rate, queue_cap=queue_cap, timeout_ms=700.0)
    run = ServerRun(params, SEED)
    run.world.pools["west"].cluster.desired_replicas = standby

    def shift(_: Params, world: World, t: int) -> None:
        shares(world, east=first, west=(1.0 - first) * of_rest) if t >= 10_000 else None

    run.until(30_000, shift)
    ended = sum(run.counts[name] for name in ("served", "shed", "timed_out", "failed"))
    assert run.counts["arrived"] == ended + inside(run.world, run.t)
    answered = Counter[str]()
    for name in (MAIN, "east", "west"):
        answered.update(by_pool(run, name))
    assert answered == {
        "200": run.counts["served"],
        "500": run.counts["failed"],
        "503": run.counts["shed"],
        "504": run.counts["timed_out"],
    }
    for sample in run.samples:
        assert len(sample.slot) == len(sample.latency_ms) == sample.served
        assert len(sample.busy_ms) == 3 * params.slots
        of_slots = sample.slot[sample.slot >= 0] // params.slots
        assert set(of_slots.tolist()) <= {0, 1, 2}


@given(low=st.floats(0.0, 1.0), high=st.floats(0.0, 1.0))
def test_a_larger_share_keeps_the_requests_of_a_smaller_one(low: float, high: float) -> None:
    low, high = sorted((low, high))
    world, arrived = ServerRun(with_pools("east")).world, np.zeros((500, ID + 2))
    arrived[:, ID] = np.arange(500)
    shares(world, east=low)
    few = replica_pools.split(world.pools, arrived, SEED)
    shares(world, east=high)
    many = replica_pools.split(world.pools, arrived, SEED)
    assert set(few["east"][:, ID]) <= set(many["east"][:, ID])
    for parts in (few, many):
        together = np.concatenate(list(parts.values()))
        assert sorted(together[:, ID].tolist()) == arrived[:, ID].tolist()


def test_a_pool_of_the_same_laws_with_all_requests_is_the_main_pool_over_again() -> None:
    alone = ServerRun(laws(rate=95.0)).until(60_000)
    run = ServerRun(with_pools("standby", rate=95.0))
    shares(run.world, standby=1.0)
    run.until(60_000)
    assert run.counts == alone.counts
    for sample, expected in zip(run.samples, alone.samples, strict=True):
        assert sample.latency_ms.tolist() == expected.latency_ms.tolist()
        assert (sample.slot - 4).tolist() == expected.slot.tolist()


@pytest.mark.parametrize("rate", [60.0, 150.0])
def test_each_pool_agrees_with_simpy(rate: float) -> None:
    """Two servers side by side, each with its own queue, and the requests that it got."""
    params = with_pools("east", rate=rate, timeout_ms=600.0)
    run = ServerRun(params)
    shares(run.world, east=0.4)
    run.until(60_000)
    for name, rows in parts_of(run).items():
        outcomes = SimpyServer(params, 16).run(rows, 60_000)
        counts = Counter(outcome.ending for outcome in outcomes)
        expected = {
            code: counts[ending]
            for code, ending in zip(CODES, ("served", "failed", "shed", "timed_out"), strict=True)
        }
        assert by_pool(run, name) == expected


@pytest.mark.parametrize(("queue_cap", "code"), [(0, "503"), (40, "504")])
def test_a_pool_without_a_replica_answers_nothing(queue_cap: int, code: str) -> None:
    """Its requests wait for a pod that never comes, or have no room to wait."""
    params = with_pools("standby", rate=20.0, retries=0, queue_cap=queue_cap)
    run = ServerRun(params)
    run.world.pools["standby"].cluster.desired_replicas = 0
    shares(run.world, standby=0.5)
    run.until(30_000)
    sent = len(parts_of(run)["standby"])
    assert 0.4 < sent / run.counts["arrived"] < 0.6
    waiting = len(run.world.pools["standby"].queue.waiting)
    nothing = dict.fromkeys(CODES, 0)
    assert by_pool(run, "standby") == {**nothing, code: sent - waiting}


def test_retries_and_waiting_requests_stay_where_they_are() -> None:
    """The main pool falls behind; after the shift it still has to work off what it has."""

    def shift(_: Params, world: World, t: int) -> None:
        shares(world, standby=float(t >= 20_000))

    params = with_pools("standby", rate=140.0, queue_cap=200, timeout_ms=5000.0)
    run = ServerRun(params).until(20_000, shift)
    behind = len(run.world.queue.waiting)
    assert behind > 100
    run.until(25_000, shift)
    after = run.samples[-1]
    assert after.by_pool[f"{MAIN}/200"] >= behind
    assert after.by_pool["standby/200"] > 0


def test_the_autoscaler_counts_the_load_of_its_own_pool() -> None:
    scaler = AutoscalerLaw(least=1, most=4, target=0.5, stabilisation_ms=0)
    run = ServerRun(with_pools("standby", rate=50.0, autoscaler=scaler))
    shares(run.world, standby=1.0)
    run.until(60_000)
    assert run.world.cluster.desired_replicas == 1


def test_pools_share_the_dependency_and_not_their_caches() -> None:
    """Half of the requests read as much from where they go, and find the caches cold there."""
    params = with_pools(
        "east", rate=60.0, dependency=DependencyLaw(3), feature_cache=CacheLaw(0.6, 2000.0)
    )
    run = ServerRun(params, SEED)
    run.world.pools["east"].replicas.warmth[:] = 0.0
    reads = []
    for minute in range(1, 5):
        run.until(
            minute * 60_000, lambda _, world, t: shares(world, east=0.5) if t >= 60_000 else None
        )
        reads.append(sum(s.reads for s in run.samples if s.t >= (minute - 1) * 60_000) / 60)
    assert reads[0] == pytest.approx(60 * 0.4, rel=0.1)
    assert reads[1] == pytest.approx(30 * 0.4 + 30, rel=0.1)
    assert run.world.dependency.slots == 2 * 4 * 4
    number = sum(sample.reading_ms for sample in run.samples) / run.t
    times = np.concatenate([sample.dependency_ms for sample in run.samples])
    assert number == pytest.approx(times.sum() / run.t, rel=0.02)  # Little's law, of both
