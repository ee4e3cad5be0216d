"""Feature reads under load and from cold caches, against closed forms and SimPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.pipeline.serving.laws import CacheLaw, DependencyLaw
from simulator.pipeline.traffic.distributions import Exponential
from tests.pipeline.model_server import ServerRun, laws
from tests.pipeline.simpy_server import SimpyReader
from tests.seeds import seeds

MINUTE = 60_000


def expected_reads(law: CacheLaw, requests: int, replicas: int) -> float:
    """Reads of the first requests that are dealt out to replicas with cold caches.

    The sum of `1 - hit_ratio (1 - exp(-i / size))` over the requests i of each: geometric.
    """
    ours = requests / replicas
    warming = (1.0 - math.exp(-ours / law.size)) / (1.0 - math.exp(-1.0 / law.size))
    return replicas * (ours * (1.0 - law.hit_ratio) + law.hit_ratio * warming)


@pytest.mark.parametrize(("replicas", "dt"), [(1, 2500), (4, 5000)])
def test_a_cold_cache_warms_up_as_its_hit_ratio_says(replicas: int, dt: int) -> None:
    """Over seeds the reads of the first minutes are the expected ones, to two standard errors."""
    law, differences = CacheLaw(hit_ratio=0.9, size=400.0), []
    for seed in range(1, 13):
        params = laws(rate=20.0, service_ms=5.0, feature_read_ms=5.0, feature_cache=law)
        day = ServerRun(params, seed=seed, dt=dt, wanted=replicas)
        day.world.replicas.warmth[:] = 0.0
        errors = []
        for minute in (1, 2, 6):
            day.until(minute * MINUTE)
            hits, misses = (sum(served.lookups[n].sum() for served in day.served) for n in (0, 1))
            errors.append(misses - expected_reads(law, int(hits + misses), replicas))
        differences.append(errors)
    mean, spread = np.mean(differences, axis=0), np.std(differences, axis=0, ddof=1)
    assert (abs(mean) < 2.5 * spread / math.sqrt(len(differences))).all()
    assert (spread < 40).all()  # of 1,200 requests, 650 reads and more


@pytest.mark.parametrize(("concurrency", "rate"), [(1, 10.0), (4, 60.0), (4, 90.0), (20, 400.0)])
def test_reads_of_many_callers_are_those_of_the_erlang_formula(
    concurrency: int, rate: float
) -> None:
    """Half an hour of M/M/c: the mean number in flight, and by Little's law the mean time."""
    params = laws(
        rate=rate, service_ms=1.0, concurrency=100, dependency=DependencyLaw(concurrency), retries=0
    )
    day = ServerRun(params).until(30 * MINUTE)
    load = sum(sample.reads for sample in day.samples) / day.t * 40.0
    blocking = 1.0
    for servers in range(1, concurrency + 1):
        blocking = load * blocking / (servers + load * blocking)
    waits = blocking / (1.0 - (1.0 - blocking) * load / concurrency)
    exact = load + waits * load / (concurrency - load)
    number = sum(sample.reading_ms for sample in day.samples) / day.t
    assert number == pytest.approx(exact, rel=0.08)


@pytest.mark.parametrize(("concurrency", "replicas"), [(2, 2), (2, 4), (6, 4), (30, 4)])
def test_busy_slots_read_as_in_the_finite_source_queue(concurrency: int, replicas: int) -> None:
    """Every slot always has a request: it reads or computes, 40 and 60 ms on average.

    Closed forms of the machine repairman: n of N read with chances in proportion to
    prod (N - i) r / min(i + 1, c), r = 40 / 60.
    """
    params = laws(
        rate=400.0, service_ms=60.0, work=Exponential(), retries=0, queue_cap=50,
        timeout_ms=1e9, dependency=DependencyLaw(concurrency),
    )  # fmt: skip
    day = ServerRun(params, wanted=replicas).until(5 * MINUTE)
    chances = [1.0]
    for i in range(4 * replicas):
        chances.append(chances[-1] * (4 * replicas - i) * (40 / 60) / min(i + 1, concurrency))
    working = np.minimum(np.arange(len(chances)), concurrency) @ chances / sum(chances)
    since = MINUTE
    served = sum(sample.served for sample in day.samples if sample.t >= since)
    assert served / (day.t - since) == pytest.approx(working / 40.0, rel=0.02)


CASES: list[dict[str, Any]] = [
    {"dependency": DependencyLaw(6)},
    {"dependency": DependencyLaw(4)},
    {"dependency": DependencyLaw(5), "concurrency": 16, "retries": 0},
    {"dependency": DependencyLaw(4), "feature_cache": CacheLaw(0.6, 1000.0)},
    {"dependency": DependencyLaw(3), "feature_cache": CacheLaw(0.6, 1000.0), "rate": 130.0},
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_server_that_reads_agrees_with_simpy(case: dict[str, Any]) -> None:
    """Answers, latency and reads in flight beside a store that shares itself read by read.

    From light load to collapse, with caches that begin cold. Reads that are stretched alike for a
    tick cost the mean up to 12 %; near the edge of a collapse, where chance decides when the two
    tip over, they cannot be compared.
    """
    params = laws(**{"rate": 100.0, "service_ms": 60.0, **case})
    figures = []
    for seed in seeds(4, 1):
        day = ServerRun(params, seed)
        day.world.replicas.warmth[:] = 0.0
        day.until(4 * MINUTE)
        judge = SimpyReader(params, 4 * params.concurrency, pods=4, warm=False)
        outcomes = judge.run(np.concatenate(day.arrivals), day.t)
        took = [outcome.took for outcome in outcomes if outcome.ending == "served"]
        latency = np.concatenate([sample.latency_ms for sample in day.samples])
        number = sum(sample.reading_ms for sample in day.samples)
        ours = (len(latency), latency.mean(), number, sum(sample.reads for sample in day.samples))
        store = judge.store
        figures.append(np.array(ours) / (len(took), np.mean(took), store.in_flight_ms, store.reads))
    assert np.mean(figures, axis=0) == pytest.approx(1.0, abs=0.12)
