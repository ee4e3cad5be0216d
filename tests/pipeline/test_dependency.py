"""A dependency under the load of its callers, feature caches, and a time limit of reads."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.arrays import Bools
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import DEPEND
from simulator.pipeline.serving import dependency
from simulator.pipeline.serving.laws import CacheLaw, DependencyLaw
from simulator.pipeline.traffic.laws import Burst
from simulator.pipeline.world import World
from tests.pipeline.model_server import COUNTS, ServerRun, laws, leak

MINUTE = 60_000
# Four replicas of four slots, 80 ms a request. Warm caches leave 24 reads of 40 ms a second to a
# dependency that can do 50; with cold ones it would take 120.
STORE: dict[str, Any] = {
    "rate": 120.0,
    "service_ms": 80.0,
    "feature_read_ms": 40.0,
    "dependency": DependencyLaw(2),
    "feature_cache": CacheLaw(hit_ratio=0.8, size=3000.0),
    "queue_cap": 300,
    "retries": 3,
}


def mean(day: ServerRun, name: str, since: int = 0) -> float:
    """The mean of a column of the samples, by request."""
    return float(np.concatenate([getattr(s, name) for s in day.samples if s.t >= since]).mean())


def total(day: ServerRun, name: str, since: int = 0, until: float = math.inf) -> float:
    return float(sum(getattr(s, name) for s in day.samples if since <= s.t < until))


def in_flight(day: ServerRun, since: int = 0) -> float:
    """Reads that requests wait for, on average."""
    return total(day, "reading_ms", since) / (day.t - since)


def without_features(day: ServerRun) -> Bools:
    """Which answered requests had their read cut."""
    return np.concatenate([np.isinf(served.requests[:, DEPEND]) for served in day.served])


def slow(params: Params, world: World, t: int) -> None:
    params.bends.dependency_factor *= 4


# -- the load ---------------------------------------------------------------------------------


def test_a_dependency_far_below_its_concurrency_is_as_one_without_any() -> None:
    plain = ServerRun(laws()).until(2 * MINUTE)
    loaded = ServerRun(laws(dependency=DependencyLaw(400))).until(2 * MINUTE)
    assert loaded.answers() == plain.answers()


def test_reads_in_flight_are_their_rate_times_their_time() -> None:
    day = ServerRun(laws(dependency=DependencyLaw(3), retries=0)).until(10 * MINUTE)
    assert day.world.dependency.stretch > 1.1
    rate = total(day, "reads") / day.t
    assert in_flight(day) == pytest.approx(rate * mean(day, "dependency_ms"), rel=0.02)


def test_more_replicas_put_more_load_on_a_slow_dependency_and_serve_no_more() -> None:
    """Sixteen slots or 32, reads of 160 ms where the dependency works on four at a time."""
    law = DependencyLaw(4, others_rate=5.0, others_timeout_ms=500.0)
    params = laws(slots=8, dependency=law, retries=0, queue_cap=10, memory_request=4e8)
    few, many = (ServerRun(params, wanted=n) for n in (4, 8))
    for day in (few, many):
        day.until(10 * MINUTE, slow)
    assert many.counts["served"] < few.counts["served"]  # more are too late
    assert in_flight(many) > 1.8 * in_flight(few)
    assert many.world.dependency.mean_ms > 1.8 * few.world.dependency.mean_ms
    given_up = [day.world.dependency.others_cut for day in (few, many)]
    assert given_up[1] > 1.3 * given_up[0]


def test_less_traffic_relieves_it() -> None:
    loaded, relieved = (
        ServerRun(laws(rate=rate, dependency=DependencyLaw(4), retries=0)).until(5 * MINUTE, slow)
        for rate in (50.0, 15.0)
    )
    assert loaded.counts["served"] < 0.6 * loaded.counts["arrived"]
    assert relieved.counts["served"] > 0.98 * relieved.counts["arrived"]
    assert in_flight(relieved) < 0.5 * in_flight(loaded)


def test_without_any_pod_nothing_reads_it() -> None:
    day = ServerRun(laws(dependency=DependencyLaw(4))).until(2 * MINUTE)
    day.world.cluster.desired_replicas = 0
    assert total(day.until(4 * MINUTE), "reads", since=3 * MINUTE) == 0
    assert day.counts["served"] > 0


@pytest.mark.parametrize("dt", [500, 1000, 2500])
def test_ticks_of_another_length_see_the_same_load(dt: int) -> None:
    def bend(params: Params, world: World, t: int) -> None:
        params.bends.dependency_factor *= 4 if MINUTE <= t < 3 * MINUTE else 1

    changes = {"rate": 40.0, "dependency": DependencyLaw(4), "retries": 0}
    usual, other = (ServerRun(laws(**changes), dt=n).until(5 * MINUTE, bend) for n in (5000, dt))
    assert other.counts["served"] == pytest.approx(usual.counts["served"], rel=0.02)
    assert in_flight(other) == pytest.approx(in_flight(usual), rel=0.04)


@settings(max_examples=25, deadline=None)
@given(
    numbers=st.lists(st.floats(0.0, 600.0), min_size=2, max_size=6).map(sorted),
    concurrency=st.integers(1, 60),
    callers=st.integers(1, 600),
)
def test_the_stretch_grows_with_the_reads_in_flight(
    numbers: list[float], concurrency: int, callers: int
) -> None:
    times = [dependency.stretch(n, concurrency, callers) for n in numbers]
    assert all(a <= b + 1e-9 for a, b in pairwise(times))
    for n, time in zip(numbers, times, strict=True):
        # Never below the fluid limit, nor faster than alone; the table costs less than 1 %.
        assert time >= 0.99 * max(1.0, n / concurrency)


# -- conservation -----------------------------------------------------------------------------

cases = st.fixed_dictionaries(
    {
        "rate": st.floats(5.0, 140.0),
        "timeout_ms": st.floats(100.0, 2000.0),
        "retries": st.integers(0, 3),
        "queue_cap": st.integers(0, 60),
        "dependency": st.builds(DependencyLaw, st.integers(1, 6), finishes_abandoned=st.booleans()),
        "feature_cache": st.builds(CacheLaw, st.floats(0.0, 1.0), st.floats(10.0, 2000.0)),
    }
)


@settings(max_examples=12, deadline=None)
@given(
    case=cases,
    limit=st.sampled_from([math.inf, 0.0, 30.0]),
    seed=st.integers(0, 99),
    dt=st.sampled_from([500, 2500, 5000]),
)
def test_requests_and_their_reads_are_conserved(
    case: dict[str, Any], limit: float, seed: int, dt: int
) -> None:
    """With kills for memory and a restart of all pods."""
    day = ServerRun(laws(**case), seed=seed, dt=dt)
    day.world.dependency.limit_ms = limit

    def bend(params: Params, world: World, t: int) -> None:
        leak(params, 1, 3e7)
        if t == 20_000:
            world.cluster.restart_pending[:4] = True

    day.until(60_000, bend)
    begun = sum(served.lookups.sum() for served in day.served)
    misses = sum(served.lookups[1].sum() for served in day.served)
    ended = sum(day.counts[name] for name in COUNTS if name != "arrived")
    assert day.counts["arrived"] == ended + day.inside
    assert total(day, "departed") <= begun
    assert total(day, "reads") == (misses if limit else 0)
    assert total(day, "reads_cut") <= (total(day, "reads") if limit < math.inf else 0)
    assert total(day, "reading_ms") <= total(day, "held_ms") * (1 + 1e-9)
    pods = day.world.replicas
    assert (pods.cache_hits + pods.cache_misses <= begun).all()
    for served, sample in zip(day.served, day.samples, strict=True):
        assert (served.dependency_ms <= limit).all()
        hits = np.count_nonzero(served.requests[:, DEPEND] == 0)
        assert sample.unread == (hits if limit else sample.served)


# -- caches -----------------------------------------------------------------------------------


def test_a_restart_empties_the_cache_of_each_pod_in_turn() -> None:
    params = laws(feature_cache=CacheLaw(0.8, 500.0), dependency=DependencyLaw(40))
    ratios: list[float] = []

    def bend(params: Params, world: World, t: int) -> None:
        if t == MINUTE:
            world.cluster.restart_pending[:4] = True
        if len(day.served) > 1:
            hits, misses = day.served[-1].lookups.sum(axis=1)
            ratios.append(hits / (hits + misses))

    day = ServerRun(params)
    day.until(6 * MINUTE, bend)
    before, after, later = np.mean(ratios[:10]), min(ratios), np.mean(ratios[-10:])
    assert before == pytest.approx(0.8, abs=0.03)
    assert after < 0.5
    assert later > 0.75
    assert (day.world.replicas.warmth[:4] < math.inf).all()


def test_a_kill_empties_the_cache_and_its_counters() -> None:
    params = laws(feature_cache=CacheLaw(0.8, 500.0), dependency=DependencyLaw(40))
    day = ServerRun(params).until(MINUTE)
    assert day.world.replicas.cache_hits[1] > 0

    def bend(params: Params, world: World, t: int) -> None:
        leak(params, 1, 1e10)

    day.until(MINUTE + 10_000, bend)
    pods = day.world.replicas
    assert pods.kills[1] == 1
    assert pods.cache_hits[1] == pods.cache_misses[1] == pods.warmth[1] == 0.0
    assert pods.warmth[0] == math.inf


def test_without_a_replica_all_wait_and_none_reads() -> None:
    day = ServerRun(laws(dependency=DependencyLaw(2), timeout_ms=60_000.0)).until(MINUTE)

    def bend(params: Params, world: World, t: int) -> None:
        world.cluster.desired_replicas = 0

    day.until(2 * MINUTE, bend)
    assert len(day.world.queue.waiting) > 0
    assert day.world.dependency.in_flight == 0.0
    assert day.samples[-1].reads == 0


# -- a time limit -----------------------------------------------------------------------------


def test_a_limit_frees_the_slots_and_leaves_requests_without_features() -> None:
    changes = {"dependency": DependencyLaw(40), "retries": 0, "rate": 60.0}
    slowed, limited, unread = (ServerRun(laws(**changes)) for _ in range(3))
    limited.world.dependency.limit_ms, unread.world.dependency.limit_ms = 50.0, 0.0
    for day in (slowed, limited, unread):
        day.until(5 * MINUTE, lambda params, *_: setattr(params.bends, "dependency_factor", 10.0))
    assert mean(limited, "latency_ms") < 0.5 * mean(slowed, "latency_ms")
    defaulted = without_features(limited)
    cut = np.concatenate([served.dependency_ms for served in limited.served]) == 50.0
    assert (defaulted == cut).all()
    assert defaulted.mean() == pytest.approx(math.exp(-50 / 400), abs=0.02)
    assert without_features(unread).all()
    assert unread.world.dependency.reads == 0
    counts = [total(day, "unread") for day in (slowed, limited, unread)]
    assert counts == [0, 0, unread.counts["served"]]
    assert not without_features(slowed).any()


def test_a_dependency_that_finishes_what_was_abandoned_stays_loaded() -> None:
    """The limit relieves the server but not the dependency, and by Little's law."""
    rate, limit = 40.0, 30.0
    days = []
    for finishes in (False, True):
        law = DependencyLaw(8, finishes_abandoned=finishes)
        day = ServerRun(laws(rate=rate, dependency=law, retries=0))
        day.world.dependency.limit_ms = limit
        days.append(day.until(10 * MINUTE, slow))
    cancelled, finished = (day.world.dependency for day in days)
    assert cancelled.abandoned == 0.0
    assert finished.in_flight == pytest.approx(rate / 1000 * finished.mean_ms, rel=0.1)
    assert finished.stretch > 1.05 > cancelled.stretch


# -- metastable failure -----------------------------------------------------------------------


def played(
    blip: bool = True, restart: bool = False, shed: bool = False, retries: int = 3
) -> list[float]:
    """Goodput by two minutes: a blip in minute 5, perhaps a restart at 15, shedding from 17."""
    bursts = (Burst(17 * MINUTE, 19 * MINUTE, 0.3),) if shed else ()
    params = laws(**{**STORE, "retries": retries}, bursts=bursts)

    def bend(params: Params, world: World, t: int) -> None:
        if blip and 5 * MINUTE <= t < 6 * MINUTE:
            params.bends.dependency_factor *= 10
        if restart and t == 15 * MINUTE:
            world.cluster.restart_pending[:4] = True

    day = ServerRun(params).until(26 * MINUTE, bend)
    spans = [(n * MINUTE, (n + 2) * MINUTE) for n in range(0, 26, 2)]
    return [total(day, "served", a, b) / (120.0 * 120.0) for a, b in spans]


def test_a_blip_of_the_dependency_leaves_a_failure_that_sustains_itself() -> None:
    """At two thirds of the capacity, reads at half of theirs.

    The blip fills the queue; whoever waited in it is too late and retries up to three times, so
    that twice the capacity arrives and the queue stays full. Measured goodput in shares of the
    traffic: 0.00 for the twenty minutes after the blip.
    """
    alone = played()
    assert min(alone[:2]) > 0.95
    assert max(alone[3:]) < 0.05  # minutes 6 to 26: the trigger is gone
    assert min(played(retries=0)[4:]) > 0.95


@pytest.mark.slow
def test_shedding_ends_it_but_not_after_a_restart() -> None:
    """Two minutes at 30 % of the traffic drain the queue, and it is over.

    Had all pods been restarted before, their cold caches would read 50 times a second, which is
    all that the dependency can do, instead of 35: the same shedding drains nothing.
    """
    shed, deeper = played(shed=True), played(shed=True, restart=True)
    assert min(shed[10:]) > 0.95
    assert max(deeper[10:]) < 0.05


@pytest.mark.slow
def test_a_restart_alone_causes_it_by_cold_caches() -> None:
    assert max(played(blip=False, restart=True)[9:]) < 0.05
    assert min(played(blip=False, restart=True, retries=0)[10:]) > 0.95
