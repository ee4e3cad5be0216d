"""Requests per second of wall time: `serving.serve` against SimPy, a process a request.

Run from the repository's root: ``python -m tests.benchmarks.bench_serving``.
Both get the same requests in the same run; medians of five.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.pipeline import cluster, memory, serving, traffic
from simulator.pipeline.world import Params, Sample
from simulator.streams import Streams
from tests.pipeline.shop import laws, shop
from tests.pipeline.simpy_judge import Server

REPEATS = 5
TICK_MS = 5000
SPAN_MS = 60_000

# Six replicas of eight slots: 48 slots, 100 requests per second.
BASE: dict[str, Any] = {"rate": 100.0, "slots": 6, "concurrency": 8, "dependency_ms": 10.0}
NO_LIMITS = {"timeout_ms": 1e9, "retries": 0, "queue_cap": 10**9}
LIMITS = {"timeout_ms": 1000.0, "retries": 2, "queue_cap": 100}
LOADS: dict[str, dict[str, Any]] = {
    "20 %, no limits": {"service_ms": 86.0, **NO_LIMITS},
    "50 %, no limits": {"service_ms": 230.0, **NO_LIMITS},
    "90 %, no limits": {"service_ms": 422.0, **NO_LIMITS},
    "20 %, patience, cap, retries": {"service_ms": 86.0, **LIMITS},
    "90 %, patience, cap, retries": {"service_ms": 422.0, **LIMITS, "timeout_ms": 2000.0},
    "130 %, patience, cap, retries": {"service_ms": 614.0, **LIMITS},
}


def seconds(work: Callable[[], object]) -> float:
    """Median wall time of a piece of work."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def tick_by_tick(params: Params, arrivals: list[Any]) -> int:
    """Serve the arrivals; how many attempts that were."""
    world, attempts = shop(params, params.slots, (8e9,)), 0
    for i, rows in enumerate(arrivals):
        sample = Sample(i * TICK_MS, TICK_MS)
        serving.serve(world, params, rows, sample)
        attempts += sample.arrived
    return attempts


def whole_ticks(params: Params, ticks: int) -> None:
    """All four systems, as `step` calls them."""
    world, draws = shop(params, params.slots, (8e9,)), traffic.Traffic(Streams(1))
    for i in range(ticks):
        sample = Sample(i * TICK_MS, TICK_MS)
        rows = traffic.arrive(params, draws, sample)
        cluster.step(world, params, sample)
        served = serving.serve(world, params, rows, sample)
        memory.step(world, params, served, sample)


def main() -> None:
    """Print the table."""
    print(f"{'load':32}{'attempts':>9}{'serve':>12}{'simpy':>12}{'ratio':>8}{'ms/tick':>9}")
    for name, changes in LOADS.items():
        params = laws(**BASE | changes)
        draws = traffic.Traffic(Streams(1))
        span = range(0, SPAN_MS, TICK_MS)
        arrivals = [traffic.arrive(params, draws, Sample(t, TICK_MS)) for t in span]
        requests = np.concatenate(arrivals)
        attempts = tick_by_tick(params, arrivals)
        ours = seconds(lambda: tick_by_tick(params, arrivals))  # noqa: B023
        judge = seconds(
            lambda: Server(params, params.slots * params.concurrency).run(requests, SPAN_MS)  # noqa: B023
        )
        tick = seconds(lambda: whole_ticks(params, 120)) / 120  # noqa: B023
        print(
            f"{name:32}{attempts:9,}{attempts / ours:10,.0f}/s{attempts / judge:10,.0f}/s"
            f"{judge / ours:7.1f}x{tick * 1000:9.3f}"
        )


if __name__ == "__main__":
    main()
