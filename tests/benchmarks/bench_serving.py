"""Requests per second of wall time: `serving.serve` against SimPy, a process a request.

Both get the same requests in the same run. `python -m tests.benchmarks.bench serving`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.pipeline import cluster, memory, serving, traffic
from simulator.pipeline.world import Params, Sample
from simulator.streams import Streams
from tests.benchmarks.clocks import in_turn, median, table
from tests.pipeline.shop import laws, shop
from tests.pipeline.simpy_judge import Server

TICK_MS = 5000
SPAN_MS = 60_000
TICKS = 120

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


def row(name: str, params: Params, repeats: int) -> tuple[str, ...]:
    """One load: both serve the same requests, in turn."""
    draws = traffic.Traffic(Streams(1))
    span = range(0, SPAN_MS, TICK_MS)
    arrivals = [traffic.arrive(params, draws, Sample(t, TICK_MS)) for t in span]
    requests = np.concatenate(arrivals)
    attempts = tick_by_tick(params, arrivals)
    took = in_turn(
        {
            "ours": lambda: tick_by_tick(params, arrivals),
            "simpy": lambda: Server(params, params.slots * params.concurrency).run(
                requests, SPAN_MS
            ),
            "ticks": lambda: whole_ticks(params, TICKS),
        },
        repeats,
    )
    ours, judge, ticks = (median(took[name]).processor for name in ("ours", "simpy", "ticks"))
    return (
        name,
        f"{attempts:,}",
        f"{attempts / ours:,.0f}/s",
        f"{attempts / judge:,.0f}/s",
        f"{judge / ours:.1f}x",
        f"{ticks / TICKS * 1000:.3f}",
    )


def measure(repeats: int) -> None:
    """Print the table."""
    table(
        "The model server alone, by load: 48 slots, 100 requests per second",
        ("load", "attempts", "serve", "simpy", "ratio", "ms a tick"),
        [row(name, laws(**BASE | changes), repeats) for name, changes in LOADS.items()],
    )
