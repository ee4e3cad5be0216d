"""Replicas with a queue each, against SimPy and their own laws."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import LargerBatches
from simulator.pipeline.cluster import memory
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import COLUMNS, ID, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import accelerators, attempts, server
from simulator.pipeline.serving.balancing import LEAST_REQUESTS, RANDOM, ROUND_ROBIN, random_replica
from simulator.pipeline.serving.batching import BatchingLaw
from simulator.pipeline.serving.client_guard import CircuitBreakerLaw, RetryBudgetLaw
from simulator.pipeline.serving.gpu_memory import GIB, GpuLaw
from simulator.pipeline.serving.kernel import LUCK, dice_of
from simulator.pipeline.serving.laws import PerReplicaQueueing
from simulator.pipeline.world import READY, World
from tests.pipeline.model_server import COUNTS, ServerRun, laws, leak, serving_world
from tests.pipeline.simpy_server import SimpyReplicaQueues, assert_same_outcomes
from tests.pipeline.test_serving import request

BALANCING = (ROUND_ROBIN, RANDOM, LEAST_REQUESTS)


def with_each_balancing(cases: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Every case with every balancing law: one in turn for `make test`, the others slow."""
    return [
        pytest.param(*case, law, marks=[pytest.mark.slow] if (i + j) % len(BALANCING) else [])
        for i, case in enumerate(cases)
        for j, law in enumerate(BALANCING)
    ]


just = st.floats(2e8, 2e9)  # bytes, of the model and of a request
cases = st.fixed_dictionaries(
    {
        "per_replica": st.builds(
            PerReplicaQueueing,
            st.sampled_from(BALANCING),
            st.one_of(
                st.just(BatchingLaw()),
                st.builds(
                    BatchingLaw,
                    st.integers(1, 8),
                    st.sampled_from([0.0, 3.0, 40.0, 500.0]),
                    st.floats(0.0, 1.0),
                    st.sets(st.integers(1, 9), max_size=3).map(lambda sizes: tuple(sorted(sizes))),
                ),
            ),
        ),
        "rate": st.floats(5.0, 150.0),
        "timeout_ms": st.floats(100.0, 3000.0),
        "retries": st.integers(0, 4),
        "retry_backoff_ms": st.floats(5.0, 2000.0),
        "queue_cap": st.integers(0, 20),
        "concurrency": st.integers(1, 6),
        "errors": st.sampled_from([0.0, 0.0, 0.3]),
        "gpu": st.one_of(st.none(), st.builds(GpuLaw, st.floats(2e9, 12e9), just, just)),
        "retry_budget": st.sampled_from([None, None, RetryBudgetLaw(0.2, 5.0)]),
        "circuit_breaker": st.sampled_from([None, None, CircuitBreakerLaw(0.5, 20, 3000.0, 5)]),
    }
)


def play_both(
    case: dict[str, Any], seed: int = 1, dt: int = 5000
) -> tuple[ServerRun, SimpyReplicaQueues]:
    """A minute of the same requests, here and in SimPy; half of the pods are away for a while."""
    case = {"start_up_ms": 0, "memory_per_request": 0.0, **case}
    share = case.pop("errors", 0.0)

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:] = share
        world.cluster.desired_replicas = 2 if 20_000 <= t < 40_000 else 4

    params = laws(**case)
    day = ServerRun(params, seed, dt).until(60_000, bend)
    params.bends.error_share[:] = share
    judge = SimpyReplicaQueues(params, [(0, 4), (20_000, 2), (40_000, 4)])
    judge.run(np.concatenate(day.arrivals), 60_000)
    return day, judge


CASES: list[dict[str, Any]] = [
    {"rate": 20.0},
    {"rate": 80.0, "timeout_ms": 3000.0},
    {"rate": 95.0, "timeout_ms": 400.0},
    {"rate": 140.0, "queue_cap": 2, "retries": 4},
    {"rate": 60.0, "queue_cap": 0, "retries": 0},
]


@pytest.mark.parametrize(
    ("case", "balancing"), with_each_balancing((case,) for case in CASES), ids=str
)
def test_replica_queues_agree_with_simpy_request_by_request(
    case: dict[str, Any], balancing: str
) -> None:
    day, judge = play_both({"per_replica": PerReplicaQueueing(balancing), **case})
    assert_same_outcomes(day, judge)
    assert len(day.answers()) > 150  # the third collapses


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(case=cases, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500, 5000]))
def test_random_laws_and_ticks_agree_with_simpy(case: dict[str, Any], seed: int, dt: int) -> None:
    assert_same_outcomes(*play_both(case, seed, dt))


@settings(max_examples=25, deadline=None)
@given(case=cases, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500, 5000]))
def test_attempts_are_conserved(case: dict[str, Any], seed: int, dt: int) -> None:
    share = case.pop("errors")

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.speed[1] /= 1 + t // 10_000  # one slows down by and by
        params.bends.error_share[:2] = share
        params.bends.dependency_factor *= 3 if 20_000 <= t < 30_000 else 1
        leak(params, 0, 25e6)  # and one is killed
        params.timeout_ms *= 0.5 if t >= 35_000 else 1
        params.concurrency = max(1, params.concurrency - t // 20_000)
        world.cluster.desired_replicas = 2 if 15_000 <= t < 25_000 else 4
        if t == 30_000:  # all at once: nobody is left to be sent to
            world.cluster.desired_replicas = 0

    day, was = ServerRun(laws(start_up_ms=5000, **case), seed, dt), 0
    for _ in range(10):
        before = day.counts.copy()
        day.until(day.t + 5000, bend)
        done = {name: day.counts[name] - before[name] for name in COUNTS}
        assert done.pop("arrived") == sum(done.values()) + day.inside - was
        was = day.inside
        queue = day.world.queue
        assert len(queue.waiting_at) == len(queue.waiting)
        inside = queue.waiting_at[queue.waiting_at >= 0]
        assert max(np.bincount(inside), default=0) <= day.params.queue_cap


@settings(max_examples=20, deadline=None)
@given(case=cases, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500]))
def test_a_tick_that_divides_the_other_gives_the_same(
    case: dict[str, Any], seed: int, dt: int
) -> None:
    """Bit for bit: replicas go and come, slots become fewer and more."""
    share = case.pop("errors")

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:] = share
        world.cluster.desired_replicas = 2 if 10_000 <= t < 15_000 else 4
        world.cluster.build = 2 if t >= 20_000 else 1
        params.concurrency = params.concurrency - 1 if 5000 <= t < 10_000 else params.concurrency

    case["concurrency"] += 1
    coarse = ServerRun(laws(start_up_ms=5000, **case), seed).until(30_000, bend)
    fine = ServerRun(laws(start_up_ms=5000, **case), seed, dt).until(30_000, bend)
    assert coarse.counts == fine.counts
    assert coarse.answers() == fine.answers()


@settings(max_examples=10, deadline=None)
@given(case=cases, seed=st.integers(0, 99))
def test_vectorized_serving_equals_one_by_one(case: dict[str, Any], seed: int) -> None:
    """Bit for bit, with replicas that are not equally fast."""
    del case["errors"]

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.speed[:] = (1.0, 0.5, 2.0, 1.0 if t < 10_000 else 0.1)

    case["per_replica"], case["gpu"] = PerReplicaQueueing(ROUND_ROBIN), None
    quick = ServerRun(laws(**case), seed).until(20_000, bend)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "_count_immediate", lambda *_: 0)
        slow = ServerRun(laws(**case), seed).until(20_000, bend)
    assert quick.counts == slow.counts
    assert quick.answers() == slow.answers()
    for sample, other in zip(quick.samples, slow.samples, strict=True):
        assert sample.busy_ms == pytest.approx(other.busy_ms)


BATCHES = [
    ({"rate": 100.0}, BatchingLaw(8, 0.0, 0.2)),
    ({"rate": 100.0}, BatchingLaw(8, 30.0, 0.2)),
    ({"rate": 300.0, "timeout_ms": 600.0}, BatchingLaw(16, 10.0, 0.1)),
    ({"rate": 400.0, "queue_cap": 12, "concurrency": 1, "retries": 3}, BatchingLaw(6, 50.0, 0.0)),
    ({"rate": 60.0, "timeout_ms": 150.0, "errors": 0.2}, BatchingLaw(4, 100.0, 1.0)),
    ({"rate": 200.0}, BatchingLaw(16, 60.0, 0.2, preferred=(4, 8))),
    ({"rate": 300.0, "concurrency": 1}, BatchingLaw(16, 0.0, 0.2, preferred=(4, 8))),
    ({"rate": 300.0, "queue_cap": 1, "concurrency": 2}, BatchingLaw(9, 90.0, 0.2, preferred=(2,))),
]


@pytest.mark.parametrize(("case", "batching", "balancing"), with_each_balancing(BATCHES), ids=str)
def test_batches_agree_with_simpy_request_by_request(
    case: dict[str, Any], batching: BatchingLaw, balancing: str
) -> None:
    day, judge = play_both({"per_replica": PerReplicaQueueing(balancing, batching), **case})
    assert_same_outcomes(day, judge)
    departed = sum(sample.departed for sample in day.samples)
    batches = sum(sample.batches_executed for sample in day.samples)
    assert departed > 1.1 * batches > 0


@pytest.mark.parametrize(
    ("size", "least", "most", "balancing"),
    with_each_balancing([(40e9, 0.0, 0.0), (16e9, 0.001, 0.5), (6e9, 0.5, 1.0)]),
    ids=str,
)
def test_batches_beyond_the_memory_agree_with_simpy(
    size: float, least: float, most: float, balancing: str
) -> None:
    """Memory for all batches, for fewer than four full ones, and for less than one."""
    case = {"rate": 200.0, "retries": 1, "gpu": GpuLaw(size, 2e9, 0.5e9)}
    lanes = PerReplicaQueueing(balancing, BatchingLaw(8, 30.0, 0.2))
    day, judge = play_both({"per_replica": lanes, "errors": 0.0, **case})
    assert_same_outcomes(day, judge)
    assert least <= day.counts["failed"] / day.counts["arrived"] <= most


@settings(max_examples=15, deadline=None)
@given(case=cases, seed=st.integers(0, 99), further=st.floats(0.0, 1.0))
def test_batches_of_one_are_the_ordinary_server(
    case: dict[str, Any], seed: int, further: float
) -> None:
    """Bit for bit equal to the shared queue with one replica."""
    share = case.pop("errors")

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:] = share
        params.bends.speed[:] = 0.5 if 10_000 <= t < 15_000 else 1.0

    case["rate"] /= 4
    case["gpu"] = None
    batching = BatchingLaw(1, 40.0, further)
    for lanes in (
        PerReplicaQueueing("round_robin", batching),
        PerReplicaQueueing("random", batching),
    ):
        single = ServerRun(laws(**{**case, "per_replica": lanes}), seed, wanted=1)
        single.world.cluster.desired_replicas = 1
        other = ServerRun(laws(**{**case, "per_replica": None}), seed, wanted=1)
        assert single.until(20_000, bend).counts == other.until(20_000, bend).counts
        assert single.answers() == other.answers()
        for a, b in zip(single.samples, other.samples, strict=True):
            assert a.busy_ms == pytest.approx(b.busy_ms)
            assert (a.departed, a.batches_executed) == (b.departed, b.batches_executed)


def test_a_batch_leaves_when_it_is_full_or_its_oldest_has_waited_enough() -> None:
    law = PerReplicaQueueing("round_robin", BatchingLaw(3, 50.0, 0.5))
    params, world = two(per_replica=law)
    world.replicas.phase[1] = 0
    rows = requests(0.0, 10.0, 20.0, 300.0, 310.0)
    sample = Sample(0, 5000)
    served = server.serve(world, params, rows, sample)
    # Full at 20, and twice as much work as one; two leave at 350 with half as much more.
    assert served.leaves.tolist() == [220.0, 220.0, 220.0, 500.0, 500.0]
    assert (sample.departed, sample.batches_executed, sample.busy_ms[0]) == (5, 2, 350.0)
    waits = served.latency_ms - served.predict_ms - served.dependency_ms
    assert waits.tolist() == [20.0, 10.0, 0.0, 50.0, 40.0]


@pytest.mark.parametrize(("wait", "left"), [(0.0, [1, 4, 2]), (150.0, [2, 4, 1]), (50.0, [2, 5])])
def test_a_batch_prefers_its_sizes_until_its_oldest_has_waited_enough(
    wait: float, left: list[int]
) -> None:
    """Who comes first leaves at once, with the second if it waits at all; then the slot is
    taken for a tenth of a second.
    """
    lanes = PerReplicaQueueing("round_robin", BatchingLaw(8, wait, 0.0, preferred=(2, 4)))
    params, world = two(per_replica=lanes)
    world.replicas.phase[1] = 0
    sample = Sample(0, 5000)
    served = server.serve(world, params, requests(0.0, 0.0, 10.0, 20.0, 21.0, 22.0, 23.0), sample)
    assert list(np.unique(served.leaves, return_counts=True)[1]) == left


def test_a_freed_slot_takes_all_waiting_requests() -> None:
    params, world = two(per_replica=PerReplicaQueueing("round_robin", BatchingLaw(8, 0.0, 0.0)))
    world.replicas.phase[1] = 0
    served = server.serve(world, params, requests(0.0, 10.0, 20.0, 30.0), Sample(0, 5000))
    assert served.leaves.tolist() == [100.0, 200.0, 200.0, 200.0]


def test_a_slower_replica_slows_a_batch_it_has_begun_and_a_killed_one_loses_it_whole() -> None:
    params, world = two(per_replica=PerReplicaQueueing("round_robin", BatchingLaw(4, 0.0, 1.0)))
    world.replicas.phase[1] = 0
    sample = Sample(0, 200)
    server.serve(world, params, requests(0.0, 10.0, 20.0), sample)  # the two until 300
    params.bends.speed[0] = 0.5
    served = server.serve(world, params, SENTINEL, Sample(200, 10))
    assert (len(served.leaves), world.queue.leaves.tolist()) == (0, [400.0, 400.0])
    memory.kill(world, params, 0, 210, sample)
    assert (sample.failed, len(world.queue.batches), len(world.queue.retrying)) == (2, 0, 2)


def test_a_batch_that_does_not_fit_fails_at_once_and_the_others_go_on() -> None:
    lanes = PerReplicaQueueing("round_robin", BatchingLaw(4, 0.0, 0.0))
    params, world = two(
        per_replica=lanes, gpu=GpuLaw(10 * GIB, 4 * GIB, 2 * GIB), retry_budget=None
    )
    params.concurrency = 2
    world.replicas.phase[1] = 0
    rows = requests(0.0, 10.0, 20.0, 30.0, 40.0, 50.0)
    rows[0, WORK] = 2.0
    sample = Sample(0, 5000)
    accelerators.begin(world, params)
    served = server.serve(world, params, rows, sample)
    # The first holds 4 GiB until 200, the second 2 until 110, and the four that wait need 8.
    assert served.leaves.tolist() == [200.0, 110.0]
    accelerators.account(world, params, sample)
    assert (sample.failed, sample.served, len(world.queue.retrying)) == (4, 2, 4)
    assert sample.notes == [
        (
            f"{params.pods}-0",
            "ERROR",
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 8.00 GiB. "
            "GPU 0 has a total capacity of 10.00 GiB of which 2.00 GiB is free.",
        )
    ]
    assert (world.replicas.phase[0], world.replicas.restarts[0]) == (READY, 0)
    assert world.cluster.gpu_used.tolist() == [4 * GIB, 0.0]


def test_requests_in_service_hold_their_memory_over_a_tick() -> None:
    lanes = PerReplicaQueueing("round_robin", BatchingLaw(4, 0.0, 0.0))
    params, world = two(per_replica=lanes, gpu=GpuLaw(10 * GIB, 4 * GIB, 4 * GIB))
    params.concurrency = 2
    world.replicas.phase[1] = 0
    first, second = Sample(0, 50), Sample(50, 450)
    for rows, sample in ((requests(0.0), first), (requests(60.0, 100.0), second)):
        then = params.unbent()
        accelerators.begin(world, then)
        server.serve(world, then, rows, sample)
        accelerators.account(world, then, sample)
        if sample is first:
            assert world.cluster.gpu_used.tolist() == [8 * GIB, 0.0]
    # At 100 the first leaves, and only then comes the third.
    assert (first.failed, second.failed, second.served) == (0, 1, 2)


def test_the_pods_of_a_build_have_larger_batches_and_a_cap_is_for_all() -> None:
    params, world = two(
        per_replica=PerReplicaQueueing("round_robin", BatchingLaw(2, 0.0, 0.0)), gpu=GpuLaw(9, 1, 1)
    )
    bad = np.array([True, False])
    for cap, most in ((0, (6, 2)), (4, (4, 2)), (1, (1, 1)), (9, (6, 2))):
        then = params.unbent()
        then.bends.batch_growth.append(LargerBatches("it", bad, 3.0, 2.0))
        world.cluster.batch_cap = cap
        accelerators.begin(world, then)
        assert then.per_replica is not None
        assert then.per_replica.batch_max == most
        assert then.per_replica.gpu is not None
        assert then.per_replica.gpu.length_factors == [2.0, 1.0]
    assert params.per_replica is not None
    assert (params.per_replica.batch_max, params.per_replica.gpu) == ((), None)


def two(**changes: Any) -> tuple[Params, World]:
    """Two replicas of one slot each, a tenth of a second a request, in turn."""
    base: dict[str, Any] = {
        "per_replica": PerReplicaQueueing(),
        "retries": 1,
        "retry_backoff_ms": 1e6,
        **changes,
    }
    params = laws(slots=2, concurrency=1, service_ms=100.0, feature_read_ms=0.0, **base)
    return params, serving_world(params, wanted=2)


def requests(*at: float) -> Any:
    return np.array([request(arrival, number=n) for n, arrival in enumerate(at)])


SENTINEL = np.empty((0, COLUMNS))


def test_a_request_waits_for_its_replica_while_another_is_idle() -> None:
    params, world = two()
    params.bends.speed[0] = 0.1
    served = server.serve(world, params, requests(0.0, 10.0, 200.0, 210.0), Sample(0, 5000))
    # The first and the third go to the slow one, whoever is idle beside it.
    assert sorted(served.leaves.tolist()) == [110.0, 310.0, 1000.0]
    shared, world = two(per_replica=None)
    shared.bends.speed[0] = 0.1
    served = server.serve(world, shared, requests(0.0, 10.0, 200.0, 210.0), Sample(0, 5000))
    assert sorted(served.leaves.tolist()) == [110.0, 300.0, 400.0, 1000.0]


def test_a_killed_replica_loses_its_queue() -> None:
    params, world = two()
    sample = Sample(0, 10)
    server.serve(world, params, requests(*range(6)), sample)
    assert world.queue.waiting_at.tolist() == [0, 0, 1, 1]
    memory.kill(world, params, 0, 10, sample)
    assert (sample.failed, world.queue.waiting_at.tolist()) == (3, [1, 1])
    assert sorted(world.queue.retrying[:, ID].tolist()) == [0.0, 2.0, 4.0]


def test_the_queue_of_a_removed_replica_is_dispatched_again() -> None:
    params, world = two(queue_cap=3)
    server.serve(world, params, requests(*range(6)), Sample(0, 10))
    server.detach(world.queue, 0)
    world.replicas.phase[0] = 0
    sample = Sample(10, 990)
    served = server.serve(world, params, SENTINEL, sample)
    # Two of its own, then one that came; the line is full for the other. 0 it finishes.
    order = np.argsort(served.leaves)
    assert served.requests[order, ID].tolist() == [0.0, 1.0, 3.0, 5.0, 2.0]
    assert (sample.shed, len(world.queue.retrying)) == (1, 1)


def test_without_replicas_no_request_can_wait() -> None:
    params, world = two()
    server.serve(world, params, requests(*range(6)), Sample(0, 10))
    for slot in range(2):
        server.detach(world.queue, slot)
        world.replicas.phase[slot] = 0
    sample = Sample(10, 990)
    served = server.serve(world, params, requests(500.0), sample)
    assert (len(served.leaves), sample.shed, sample.arrived) == (2, 5, 1)


def test_the_replica_of_an_attempt_is_independent_of_other_draws() -> None:
    """All pairs of choices occur as often as by chance."""
    dice = dice_of(np.random.default_rng(1).random(40_000)).tolist()
    for pair, other in (((1, 0), (2, 0)), ((1, 0), (1, 1)), ((2, 1), (3, 0)), ((1, 0), None)):
        table = np.zeros((8, 8))
        for d in dice:
            b = int(d % 1.0 * LUCK[1] % 1.0 * 8) if other is None else random_replica(d, *other, 8)
            table[random_replica(d, *pair, 8), b] += 1
        chi = ((table - 625) ** 2 / 625).sum()
        assert 63 - 4 * 126**0.5 < chi < 63 + 4 * 126**0.5


@pytest.mark.slow
def test_two_choices_are_better_than_one() -> None:
    def waits(balancing: str) -> float:
        params = laws(
            rate=85.0, per_replica=PerReplicaQueueing(balancing), queue_cap=10**6, timeout_ms=1e9
        )
        served = ServerRun(params).until(600_000).served
        return float(np.concatenate([request.latency_ms for request in served]).mean())

    at_random, in_turn, of_two = waits(RANDOM), waits(ROUND_ROBIN), waits(LEAST_REQUESTS)
    assert max(in_turn, of_two) < 0.8 * at_random
