"""Larger pods, and nodes that promise more memory than they have."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import LargerBatches
from simulator.pipeline.cluster.limits import PodLimits
from simulator.pipeline.laws import Params
from simulator.pipeline.serving.batching import BatchingLaw
from simulator.pipeline.serving.gpu_memory import GIB, GpuLaw
from simulator.pipeline.serving.laws import PerReplicaQueueing
from simulator.pipeline.world import BACKOFF, READY, STARTING, World
from tests.pipeline.model_server import ServerRun, laws, leak, serving_world

BASE, REQUEST = 400e6, 800e6
LIMIT, NODE = 1800e6, 2000e6  # two pods a node, with limits of 1.8 times its memory


def crowded(*leaks: float, dt: int = 5000, until: int = 600_000, **changes: Any) -> ServerRun:
    """Four pods on two nodes; the first ones leak so many bytes a second."""
    case = {"memory_per_request": 0.0, "memory_limit": LIMIT, "start_up_ms": 20_000}
    simulated = ServerRun(laws(**(case | changes)), dt=dt)
    simulated.world = serving_world(simulated.params, 4, (NODE, NODE))
    simulated.world.replicas.node[:] = (0, 0, 1, 1)

    def bend(params: Params, world: World, t: int) -> None:
        for slot, rate in enumerate(leaks):
            leak(params, slot, rate)

    return simulated.until(until, bend)


def evictions(simulated: ServerRun) -> list[tuple[int, str]]:
    """When pods were evicted, ms, and which."""
    return [
        (sample.t, pod)
        for sample in simulated.samples
        for pod, _, text in sample.notes
        if "Evicted" in text
    ]


def kills(simulated: ServerRun) -> int:
    return sum(sample.units.get("killed", 0) for sample in simulated.samples)


def test_a_full_node_evicts_the_pod_furthest_above_its_request() -> None:
    """At t = (node - 2 base) / rate, at the kubelet's next look; then again, start-up later."""
    rate = 7e6
    simulated = crowded(0.0, rate)
    first = math.ceil((NODE - 2 * BASE) / rate / 10) * 10_000
    assert evictions(simulated)[0] == (first, "serving-1")
    # It leaks from when it is ready again.
    assert evictions(simulated)[1] == (2 * first + 20_000, "serving-1")
    # Its neighbour, which needs less than it requests, stays, as do those of the other node.
    assert simulated.world.replicas.ready_at[[0, 2, 3]].max() < 0
    assert simulated.world.cluster.short_of_memory == {0: evictions(simulated)[-1][0]}


def test_an_evicted_pod_is_new_and_waits_for_no_back_off() -> None:
    simulated = crowded(0.0, 7e6)
    assert len(evictions(simulated)) == 3
    assert kills(simulated) == simulated.world.replicas.restarts.sum() == 0


def test_where_memory_fills_faster_than_the_kubelet_looks_the_kernel_kills() -> None:
    # Two pods of 35 MB a second: after 20 s they hold 200 MB more than there are, and 100 MiB are
    # kept free.
    simulated = crowded(35e6, 35e6, until=25_000)
    assert evictions(simulated) == []
    assert simulated.world.replicas.kills.tolist() == [1, 0, 0, 0]
    assert simulated.world.replicas.backoff[0] == 10_000
    notes = [text for sample in simulated.samples for _, _, text in sample.notes]
    assert "SystemOOM" in notes[0]
    assert "OOMKilled" in notes[1]


def test_limits_as_high_as_the_requests_fill_no_node() -> None:
    simulated = crowded(7e6, 7e6, memory_limit=REQUEST)
    assert kills(simulated) > 0
    assert evictions(simulated) == []
    assert simulated.world.cluster.short_of_memory == {}


@settings(max_examples=4, deadline=None)
@given(
    rates=st.lists(st.sampled_from([0.0, 3.1e6, 8.3e6, 29.7e6]), min_size=4, max_size=4),
    dt=st.sampled_from([1000, 2500]),
)
def test_evictions_conserve_requests_and_do_not_depend_on_the_tick(
    rates: list[float], dt: int
) -> None:
    coarse, fine = (crowded(*rates, dt=tick, until=300_000) for tick in (5000, dt))
    counts = coarse.counts
    left = sum(counts[name] for name in ("served", "shed", "timed_out", "failed"))
    assert counts["arrived"] == left + coarse.inside
    assert evictions(coarse) == evictions(fine)
    assert counts == fine.counts


@pytest.mark.parametrize("limit", [600e6, 800e6, 1000e6])
def test_a_resized_pod_runs_out_of_memory_at_its_own_limit(limit: float) -> None:
    """At t = (limit - base) / rate after it is ready, to the millisecond."""
    rate, params = 5e6, laws(memory_per_request=0.0, start_up_ms=20_000)
    simulated = ServerRun(params)
    simulated.world.cluster.limits = replace(PodLimits.of(params), memory=limit, request=0.0)
    simulated.until(100_000)
    assert simulated.world.replicas.limits.memory.tolist() == [limit] * 4

    def bend(params: Params, world: World, t: int) -> None:
        leak(params, 2, rate)

    killed = 100_000 + round((limit - BASE) / rate * 1000) + 1
    simulated.until(killed // 5000 * 5000 + 5000, bend)
    pods = simulated.world.replicas
    assert (pods.phase[2], pods.until[2]) == (STARTING, killed + 20_000)
    assert pods.kills.tolist() == [0, 0, 1, 0]


def test_a_rollout_to_pods_that_fit_nowhere_waits_until_it_is_lifted() -> None:
    params = laws(start_up_ms=10_000)
    simulated = ServerRun(params)
    cluster, pods = simulated.world.cluster, simulated.world.replicas
    # Four pods of 800 MB on a node of 4 GB: without one of them it has 1.6 GB left.
    cluster.limits = PodLimits(memory=2000e6, request=2000e6)
    simulated.until(60_000)
    assert np.count_nonzero(pods.phase == READY) == 3
    notes = [text for sample in simulated.samples for _, _, text in sample.notes]
    assert sum("FailedScheduling" in text for text in notes) == 1
    cluster.limits = PodLimits.of(params)
    simulated.until(80_000)
    assert (pods.phase == READY).all()
    assert BACKOFF not in pods.phase


def test_a_larger_accelerator_holds_larger_batches_and_more_memory_of_the_pod_does_not() -> None:
    lanes = PerReplicaQueueing(batching=BatchingLaw(max_size=4, max_wait_ms=3000.0, further=0.2))
    gpu = GpuLaw(size=16 * GIB, base=6 * GIB, per_request=GIB)
    params = laws(per_replica=lanes, gpu=gpu, rate=20.0, retries=0, timeout_ms=1e9, start_up_ms=0)

    def bend(params: Params, world: World, t: int) -> None:
        grown = LargerBatches("grown", np.ones(params.slots, bool), size=4.0, length=1.0)
        params.bends.batch_growth.append(grown)

    failed = {}
    for name, change in {
        "as it is": {},
        "memory": {"memory": 2000e6},
        "accelerator": {"accelerator": 80 * GIB},
    }.items():
        simulated = ServerRun(params)
        simulated.world.cluster.gpu_used = np.zeros(params.slots)
        simulated.world.cluster.limits = replace(PodLimits.of(params), **change)
        failed[name] = simulated.until(120_000, bend).counts["failed"]
    assert failed["as it is"] > 100
    assert failed["memory"] == pytest.approx(failed["as it is"], rel=0.1)
    assert failed["accelerator"] < 0.1 * failed["as it is"]
