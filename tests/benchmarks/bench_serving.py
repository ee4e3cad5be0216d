"""Requests per second: `server.serve` against SimPy, a process a request, and against ciw.

SimPy gets the same requests in the same run; ciw draws its own requests, and so do we then.
`python -m tests.benchmarks.bench serving`; `make bench` installs ciw and numba, which the compiled
kernel needs, into build/beside.
"""

from __future__ import annotations

import importlib
import math
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.pipeline import segments
from simulator.pipeline.cluster import deployment
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import one_by_one, server
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.traffic.distributions import Exponential
from simulator.streams import Streams
from tests.benchmarks.clocks import median, table, time_call, time_in_turn
from tests.pipeline.model_server import laws, serving_world
from tests.pipeline.simpy_server import SimpyServer

BESIDE = Path(__file__).parents[2] / "build" / "beside"
TICK_MS = 5000
SPAN_MS = 60_000
TICKS = 120  # a whole block of draws, whatever the rate
CIW_MINUTES = 10

# Six replicas of eight slots: 48 slots, 100 requests per second.
BASE: dict[str, Any] = {"rate": 100.0, "slots": 6, "concurrency": 8, "feature_read_ms": 10.0}
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


def tick_by_tick(params: Params, requests_by_tick: list[Any]) -> int:
    """Serve the arrivals; the number of attempts."""
    world, attempts = serving_world(params, params.slots, (8e9,)), 0
    for i, rows in enumerate(requests_by_tick):
        sample = Sample(i * TICK_MS, TICK_MS)
        server.serve(world, params, rows, sample)
        attempts += sample.arrived
    return attempts


def whole_ticks(params: Params, ticks: int) -> None:
    """All four systems, as `step` calls them."""
    world, draws = serving_world(params, params.slots, (1e12,)), Customers(Streams(1))
    for i in range(ticks):
        sample = Sample(i * TICK_MS, TICK_MS)
        rows = arrivals.arrive(params, draws, sample)
        deployment.step(world, params, sample)
        segments.serve(world, params, rows, sample)


def plainly(work: Callable[[], object]) -> object:
    """Call with the kernel in plain Python, even where numba is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_by_one, "compiled", lambda: None)
        return work()


def row(name: str, params: Params, repeats: int) -> tuple[str, ...]:
    """One load: both serve the same requests, in turn."""
    draws = Customers(Streams(1))
    span = range(0, SPAN_MS, TICK_MS)
    requests_by_tick = [arrivals.arrive(params, draws, Sample(t, TICK_MS)) for t in span]
    requests = np.concatenate(requests_by_tick)
    attempts = tick_by_tick(params, requests_by_tick)
    took = time_in_turn(
        {
            "ours": lambda: plainly(lambda: tick_by_tick(params, requests_by_tick)),
            "compiled": lambda: tick_by_tick(params, requests_by_tick),
            "simpy": lambda: SimpyServer(params, params.slots * params.concurrency).run(
                requests, SPAN_MS
            ),
            "ticks": lambda: plainly(lambda: whole_ticks(params, TICKS)),
        },
        repeats,
    )
    ours, fast, judge, ticks = (
        median(took[name]).processor for name in ("ours", "compiled", "simpy", "ticks")
    )
    return (
        name,
        f"{attempts:,}",
        f"{attempts / ours:,.0f}/s",
        f"{attempts / judge:,.0f}/s",
        f"{judge / ours:.1f}x",
        f"{judge / fast:.1f}x" if one_by_one.compiled() else "-",
        f"{ticks / TICKS * 1000:.3f}",
    )


def against_ciw(repeats: int) -> None:
    """M/M/8 at 80 %, arrivals and draws included on both sides; long and short requests."""
    try:
        ciw: Any = importlib.import_module("ciw")
    except ImportError:
        print("\nM/M/8 against ciw: left out, ciw is not installed")
        return
    one_by_one.compiled()  # compile before timing
    rows = []
    for rate, service_ms in ((64.0, 100.0), (640.0, 10.0)):
        params = laws(
            rate=rate, slots=1, concurrency=8, service_ms=service_ms, feature_read_ms=0.0,
            work=Exponential(), **NO_LIMITS,
        )  # fmt: skip
        customers = rate * CIW_MINUTES * 60

        def theirs(rate: float = rate, ms: float = service_ms) -> None:
            ciw.seed(1)
            network = ciw.create_network(
                arrival_distributions=[ciw.dists.Exponential(rate=rate)],
                service_distributions=[ciw.dists.Exponential(rate=1000 / ms)],
                number_of_servers=[8],
            )
            ciw.Simulation(network).simulate_until_max_time(CIW_MINUTES * 60)

        ticks = CIW_MINUTES * 60_000 // TICK_MS
        took = time_in_turn(
            {
                "ours": lambda p=params, n=ticks: plainly(lambda: whole_ticks(p, n)),
                "compiled": lambda p=params, n=ticks: whole_ticks(p, n),
                "ciw": theirs,
            },
            max(1, repeats // 2),
        )
        ours, fast, ciws = (median(took[name]).processor for name in ("ours", "compiled", "ciw"))
        rows.append((
            f"{rate:g} requests per second", f"{customers / ciws:,.0f}/s",
            f"{customers / ours:,.0f}/s", f"{ciws / ours:.1f}x", f"{ciws / fast:.1f}x",
        ))  # fmt: skip
    # The fixed cost of a tick dominates at the lower rate.
    table(
        f"M/M/8 at 80 % against ciw: {CIW_MINUTES} minutes, draws included",
        ("load", "ciw", "ours", "ratio", "compiled"),
        rows,
    )
    print("target: 60x")


def sized(rate: float) -> Params:
    """Replicas of eight slots, as many as have a load of 80 % at this rate."""
    replicas = math.ceil(rate * 0.1 / (8 * 0.8))
    return laws(
        rate=rate, slots=replicas, concurrency=8, service_ms=90.0, feature_read_ms=10.0, **NO_LIMITS
    )


def draws_alone(rate: float, seconds: int) -> None:
    """Only the random numbers of the requests, in the order of time."""
    n, dice = int(rate * seconds), np.random.default_rng(1)
    at = dice.random(n)
    np.exp(0.6 * dice.standard_normal(n))
    dice.standard_exponential(n)
    dice.random(n)
    at.sort()


def per_hour(repeats: int) -> None:
    """The cost of an hour, by rate; time and memory by length."""
    rows = []
    for rate in (10.0, 100.0, 1000.0, 5000.0):
        params = sized(rate)
        took = time_in_turn(
            {
                "ours": lambda p=params: plainly(lambda: whole_ticks(p, TICKS)),
                "compiled": lambda p=params: whole_ticks(p, TICKS),
                "draws": lambda r=rate: draws_alone(r, TICKS * TICK_MS // 1000),
            },
            max(1, repeats // 2),
        )
        hour, fast, limit = (
            median(took[name]).processor * 3_600_000 / (TICKS * TICK_MS)
            for name in ("ours", "compiled", "draws")
        )
        requests = rate * 3600
        rows.append((
            f"{rate:,.0f}/s", f"{hour:.2f} s", f"{hour / requests * 1e6:.2f} us",
            f"{fast:.2f} s", f"{fast / requests * 1e6:.2f} us",
            f"{limit:.2f} s", f"{hour / limit:.1f}x", f"{fast / limit:.1f}x",
        ))  # fmt: skip
    table(
        "An hour of traffic and serving at 80 %, ticks of 5 s, plain and compiled",
        ("rate", "plain", "a request", "compiled", "a request", "draws alone", "plain", "compiled"),
        rows,
    )
    rows = []
    for ticks in (120, 240, 480):
        took_ticks = time_call(lambda t=ticks: whole_ticks(sized(100.0), t)).processor
        tracemalloc.start()
        whole_ticks(sized(100.0), ticks)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        per_tick = f"{took_ticks / ticks * 1000:.2f} ms"
        rows.append((f"{ticks * TICK_MS // 60_000} minutes", per_tick, f"{peak / 1e6:.1f} MB"))
    table("Longer at 100 a second", ("length", "a tick", "peak of memory"), rows)


def measure(repeats: int) -> None:
    """Print the tables."""
    sys.path.append(str(BESIDE))  # last: installed packages come first
    one_by_one.compiled.cache_clear()
    if one_by_one.compiled() is None:
        print("\nThe compiled kernel: left out, numba is not installed")
    table(
        "The model server alone, by load: 48 slots, 100 requests per second",
        ("load", "attempts", "serve", "simpy", "ratio", "compiled", "ms a tick"),
        [row(name, laws(**BASE | changes), repeats) for name, changes in LOADS.items()],
    )
    print("targets at 90 %: 40x without time-outs, 25x with time-outs, retries and cap")
    against_ciw(repeats)
    per_hour(repeats)
