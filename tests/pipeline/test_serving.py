"""The shared queue of the model server, against SimPy, queueing theory and its own laws."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import FaultyPods
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import AT, ATTEMPT, COLUMNS, ID, SINCE, UNTIL, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import attempts, server
from simulator.pipeline.step import count_slowed
from simulator.pipeline.traffic.distributions import Lognormal
from simulator.pipeline.world import STARTING, World
from tests.pipeline.model_server import COUNTS, ServerRun, laws, leak, serving_world
from tests.pipeline.simpy_server import SimpyFleet, SimpyServer

# Loads from idle to collapse, patience from ample to none, with and without retries.
CASES: list[dict[str, Any]] = [
    {"rate": 20.0},
    {"rate": 90.0},
    {"rate": 95.0, "timeout_ms": 400.0},
    {"rate": 140.0, "queue_cap": 5},
    {"rate": 140.0, "queue_cap": 200, "retries": 4},
    {"rate": 40.0, "timeout_ms": 250.0, "retry_backoff_ms": 30.0},
    {"rate": 60.0, "queue_cap": 0, "retries": 0},
    {"rate": 30.0, "timeout_ms": 90.0, "retry_backoff_ms": 2000.0, "retries": 3},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_shared_queue_agrees_with_simpy_request_by_request(case: dict[str, Any]) -> None:
    params = laws(**case)
    day = ServerRun(params).until(60_000)
    outcomes = SimpyServer(params, 16).run(np.concatenate(day.arrivals), 60_000)

    counts = Counter(outcome.ending for outcome in outcomes)
    assert {name: day.counts[name] for name in ("served", "shed", "timed_out")} == {
        name: counts[name] for name in ("served", "shed", "timed_out")
    }
    expected = {(o.request, o.attempt): o.at for o in outcomes if o.ending == "served"}
    assert day.answers() == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_changing_laws_agree_with_simpy_in_distribution() -> None:
    """Replicas that go and come back, a spike, timeouts, retries and a cap, beside SimPy.

    The two deal idle replicas out differently, so that they agree in distribution only: each
    mean within two standard errors of a difference of means.
    """
    params = laws(rate=85.0, queue_cap=60, timeout_ms=900.0, retries=2, start_up_ms=0)

    def bend(params: Params, world: World, t: int) -> None:
        params.rate *= 1.7 if 40_000 <= t < 55_000 else 1
        world.cluster.desired_replicas = 2 if 15_000 <= t < 30_000 else 4

    def statistics(counts: Counter[str], latencies: Any) -> list[float]:
        numbers = [sum(counts.values()), counts["served"], counts["shed"], counts["timed_out"]]
        return [*map(float, numbers), *np.quantile(latencies, (0.5, 0.95, 0.99)).tolist()]

    ours, theirs = [], []
    for seed in range(30):
        day = ServerRun(params, seed).until(75_000, bend)
        counts = Counter({name: day.counts[name] for name in ("served", "shed", "timed_out")})
        ours.append(
            statistics(counts, np.concatenate([served.latency_ms for served in day.served]))
        )
        judge = SimpyFleet(params, [(0, 4), (15_000, 2), (30_000, 4)])
        outcomes = judge.run(np.concatenate(day.arrivals), 75_000)
        counts = Counter(outcome.ending for outcome in outcomes)
        theirs.append(statistics(counts, [o.took for o in outcomes if o.ending == "served"]))
    a, b = np.array(ours), np.array(theirs)
    error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / 30)
    assert min(b.mean(axis=0)[1:4]) > 100  # all of it happens
    assert (abs(a.mean(axis=0) - b.mean(axis=0)) <= 2 * error).all()


laws_of_a_day = st.fixed_dictionaries(
    {
        "rate": st.floats(1.0, 150.0),
        "timeout_ms": st.floats(50.0, 3000.0),
        "retries": st.integers(0, 4),
        "retry_backoff_ms": st.floats(5.0, 3000.0),
        "queue_cap": st.integers(0, 60),
        "concurrency": st.integers(1, 6),
    }
)


@settings(max_examples=25, deadline=None)
@given(case=laws_of_a_day, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500, 5000]))
def test_requests_of_a_shared_queue_are_conserved(case: dict[str, Any], seed: int, dt: int) -> None:
    def bend(params: Params, world: World, t: int) -> None:
        params.bends.speed[1] /= 1 + t // 10_000  # one slows down by and by
        params.bends.dependency_factor *= 3 if 20_000 <= t < 30_000 else 1
        leak(params, 0, 25e6)  # and one is killed
        params.timeout_ms *= 0.5 if t >= 35_000 else 1
        params.concurrency = max(1, params.concurrency - t // 20_000)
        world.cluster.desired_replicas = 2 if 15_000 <= t < 25_000 else 4

    day, was = ServerRun(laws(start_up_ms=5000, **case), seed, dt), 0
    for _ in range(10):
        before = day.counts.copy()
        day.until(day.t + 5000, bend)
        done = {name: day.counts[name] - before[name] for name in COUNTS}
        assert done.pop("arrived") == sum(done.values()) + day.inside - was
        was = day.inside


@settings(max_examples=15, deadline=None)
@given(case=laws_of_a_day, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500]))
def test_a_dividing_tick_serves_the_same(case: dict[str, Any], seed: int, dt: int) -> None:
    """Bit for bit, with orders on the coarser grid."""

    def bend(params: Params, world: World, t: int) -> None:
        world.cluster.desired_replicas = 3 if t >= 10_000 else 4
        world.cluster.build = 2 if t >= 5000 else 1

    case["start_up_ms"] = 5000
    coarse = ServerRun(laws(**case), seed).until(20_000, bend)
    fine = ServerRun(laws(**case), seed, dt).until(20_000, bend)
    assert coarse.counts == fine.counts
    assert coarse.answers() == fine.answers()


@settings(max_examples=15, deadline=None)
@given(case=laws_of_a_day, seed=st.integers(0, 99))
def test_a_vectorized_shared_queue_equals_one_by_one(case: dict[str, Any], seed: int) -> None:
    """Bit for bit, with replicas that are not equally fast."""

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.speed[:] = (1.0, 0.5, 2.0, 1.0 if t < 10_000 else 0.1)

    quick = ServerRun(laws(**case), seed).until(20_000, bend)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "_count_immediate", lambda *_: 0)
        slow = ServerRun(laws(**case), seed).until(20_000, bend)
    assert quick.counts == slow.counts
    assert quick.answers() == slow.answers()
    for sample, other in zip(quick.samples, slow.samples, strict=True):
        assert sample.busy_ms == pytest.approx(other.busy_ms)


def erlang_c_wait(lam: float, mu: float, c: int) -> float:
    """Mean wait of M/M/c."""
    a = lam / mu
    tail = a**c / math.factorial(c) * c / (c - a)
    wait = tail / (sum(a**k / math.factorial(k) for k in range(c)) + tail)
    return wait / (c * mu - lam)


def test_mean_wait_is_that_of_erlang() -> None:
    # 80 a second, 10 slots of 100 ms each: Wq = 20.459 ms (ORACLES).
    params = laws(rate=80.0, slots=1, concurrency=10, queue_cap=10**6, retries=0)
    params.timeout_ms, params.service_ms, params.feature_read_ms = 1e9, 0.0, 100.0
    means = []
    for seed in range(12):
        day = ServerRun(params, seed, wanted=1).until(1_200_000)
        waits = [s.latency_ms - s.dependency_ms for s in day.served[4:]]
        means.append(np.concatenate(waits).mean())
    # 3.106: 99 % of Student's t with 11 degrees of freedom.
    half = 3.106 * np.std(means, ddof=1) / math.sqrt(len(means))
    assert abs(np.mean(means) - 1000 * erlang_c_wait(80, 10, 10)) < half < 0.08 * 20.459


def request(at: float, work: float = 1.0, number: int = 0) -> list[float]:
    row = [0.0] * COLUMNS
    row[AT] = row[SINCE] = at
    row[UNTIL], row[WORK] = at + 1000.0, work
    row[ID], row[ATTEMPT] = number, 1
    return row


def one_slot(**changes: Any) -> Params:
    return laws(slots=1, concurrency=1, service_ms=100.0, feature_read_ms=0.0, **changes)


def test_a_slower_replica_slows_requests_in_service() -> None:
    params = one_slot()
    world = serving_world(params, wanted=1)
    first, second = Sample(0, 100), Sample(100, 1000)
    server.serve(world, params, np.array([request(50.0)]), first)
    params.bends.speed[0] = 0.25  # half of the request is left, and takes four times as long
    served = server.serve(world, params, np.empty((0, COLUMNS)), second)
    assert (first.served, served.leaves.tolist()) == (0, [300.0])
    assert (first.busy_ms[0], second.busy_ms[0]) == (50.0, 200.0)


def test_a_timed_out_request_holds_its_slot_to_the_end() -> None:
    params = one_slot(retries=0, timeout_ms=1000.0)
    world = serving_world(params, wanted=1)
    sample = Sample(0, 5000)
    rows = np.array([request(0.0, work=12.0), request(100.0, number=1), request(900.0, number=2)])
    served = server.serve(world, params, rows, sample)
    # The first goes at 1,000 and holds the slot until 1,200; the second goes at 1,100.
    assert (sample.timed_out, served.leaves.tolist()) == (2, [1300.0])


def test_without_replicas_requests_wait_for_one() -> None:
    params = one_slot(timeout_ms=60_000.0, start_up_ms=10_000)
    day = ServerRun(params, wanted=1)
    day.world.cluster.restart_pending[0] = True
    day.until(10_000)
    assert day.counts["served"] == 0
    assert day.counts["shed"] > 0
    assert len(day.world.queue.waiting) == params.queue_cap
    assert day.until(15_000).counts["served"] > 0


def test_retries_without_a_cap_sustain_a_collapse_that_a_cap_ends() -> None:
    def spike(params: Params, world: World, t: int) -> None:
        params.rate *= 2.3 if 60_000 <= t < 180_000 else 1

    def goodput(cap: int, retries: int) -> float:
        params = laws(rate=85.0, queue_cap=cap, retries=retries, work=Lognormal(0.3))
        day = ServerRun(params).until(600_000, spike)
        end = day.samples[-24:]
        return sum(s.served for s in end) / (85.0 * 120)

    assert goodput(cap=10**6, retries=3) < 0.1
    assert goodput(cap=10**6, retries=0) > 0.95
    assert goodput(cap=12, retries=3) > 0.95


@settings(max_examples=10, deadline=None)
@given(case=laws_of_a_day, seed=st.integers(0, 99))
def test_the_head_of_a_long_queue_is_enough(case: dict[str, Any], seed: int) -> None:
    """Bit for bit, with work of all lengths and timeouts in the queue or never."""

    def bend(params: Params, world: World, t: int) -> None:
        params.rate *= 3 if t < 10_000 else 0.3
        params.bends.speed[:] = (1.0, 0.5, 2.0, 1.0)

    case |= {"queue_cap": 5000, "timeout_ms": 30_000 * case["timeout_ms"] / 3000}
    case["work"] = Lognormal(1.5)
    head = ServerRun(laws(**case), seed, 1000).until(30_000, bend)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "_queue_head", lambda waiting, *_: len(waiting))
        whole = ServerRun(laws(**case), seed, 1000).until(30_000, bend)
    assert head.counts == whole.counts
    assert head.answers() == whole.answers()
    assert (head.world.queue.waiting == whole.world.queue.waiting).all()


def test_a_client_may_retry_without_any_replica() -> None:
    params = one_slot(retries=1, timeout_ms=1000.0, retry_backoff_ms=10.0)
    world = serving_world(params, wanted=1)
    server.serve(world, params, np.array([request(0.0, work=12.0)]), Sample(0, 500))
    server.detach(world.queue, 0)  # it finishes the request at 1,200
    world.replicas.phase[0] = 0
    sample = Sample(500, 5000)
    server.serve(world, params, np.empty((0, COLUMNS)), sample)
    assert (sample.arrived, sample.timed_out) == (1, 2)


def test_errors_of_a_build_land_on_answers_of_its_own_pods() -> None:
    """Half of the answers of pod 0, all of them first attempts, and no answers of other pods."""
    bad = np.arange(4) == 0

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.error_share[bad] = 0.5
        params.bends.erroring += [FaultyPods("ours", bad), FaultyPods("nobody's", ~bad)]

    day = ServerRun(laws(retries=0)).until(60_000, bend)
    hits = [sample.hits for sample in day.samples]
    assert set().union(*hits) == {"ours"}
    assert sum(hit.get("ours", 0) for hit in hits) == day.counts["failed"]
    handled = sum(int(served.departed[0]) for served in day.served)
    assert day.counts["failed"] / handled == pytest.approx(0.5, abs=4 * 0.5 / handled**0.5)


def test_a_slow_build_lands_on_requests_of_its_own_pods() -> None:
    """No request goes to a starting pod."""

    def bend(params: Params, world: World, t: int) -> None:
        world.replicas.phase[3], world.replicas.until[3] = STARTING, 60_000

    day = ServerRun(laws()).until(5000, bend)
    params, sample = laws(), day.samples[0]
    params.bends.slowdowns = [
        FaultyPods("starting", np.arange(4) == 3),
        FaultyPods("ready", np.arange(4) == 2),
    ]
    count_slowed(day.world, params, day.served[0], sample)
    assert set(sample.hits) == {"ready"}
