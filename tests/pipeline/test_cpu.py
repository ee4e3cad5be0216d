"""A CPU limit: granted time, throttling, and conservation of work."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import FaultyNode
from simulator.pipeline.cluster import cpu, nodes
from simulator.pipeline.cluster.cpu import CpuUse
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from tests.pipeline.model_server import ServerRun, laws

HOUR = 3_600_000


def cores_of(day: ServerRun) -> CpuUse:
    assert day.world.cluster.cpu is not None
    return day.world.cluster.cpu


@given(st.integers(1, 6), st.floats(0.0, 1.0), st.floats(0.1, 3.0), st.floats(0.05, 8.0))
@settings(max_examples=60, deadline=None)
def test_shares_are_averages_over_all_combinations_of_slots(
    places: int, use: float, use_each: float, limit: float
) -> None:
    shares = cpu.shares(np.array([use * places]), places, use_each, np.array([limit]))
    granted = wanted = short = 0.0
    for busy in product((0, 1), repeat=places):
        chance = float(np.prod([use if pod else 1.0 - use for pod in busy]))
        demand = use_each * sum(busy)
        granted += chance * min(demand, limit)
        wanted += chance * demand
        short += chance * (demand > limit)
    assert shares.granted[0] == pytest.approx(granted, abs=1e-9)
    assert shares.over_limit[0] == pytest.approx(short, abs=1e-9)
    if wanted > 1e-6:
        assert shares.speed[0] == pytest.approx(granted / wanted, rel=1e-6)


def test_an_unreachable_limit_changes_nothing() -> None:
    plain = ServerRun(laws()).until(120_000)
    limited = ServerRun(laws(cpu_limit=4.0)).until(120_000)
    assert limited.answers() == plain.answers()
    assert not cores_of(limited).throttled.any()


def test_a_pod_is_throttled_in_bursts_far_below_its_limit() -> None:
    # Twelve requests a second of 120 ms are .36 cores a pod.
    plain, limited = (
        ServerRun(laws(rate=12.0, cpu_limit=limit)).until(HOUR // 4) for limit in (4.0, 1.0)
    )
    cores = cores_of(limited)
    share = cores.throttled.sum() / cores.periods.sum()
    assert 0.05 < share < 0.3
    slow, fast = (
        np.mean(np.concatenate([served.predict_ms for served in day.served]))
        for day in (limited, plain)
    )
    assert 1.05 < slow / fast < 1.3


@pytest.mark.parametrize("rate", [10.0, 25.0, 40.0])
def test_granted_processor_time_is_the_need_of_the_work(rate: float) -> None:
    params = laws(rate=rate, cpu_limit=1.6, retries=0, timeout_ms=60_000.0, queue_cap=10_000)
    day = ServerRun(params).until(HOUR // 2)
    needed = rate * params.service_ms / 1000.0
    used = float(cores_of(day).used.sum()) / (day.t / 1000.0)
    # Half an hour of arrivals: two standard errors are 2 % and less.
    assert used == pytest.approx(needed, rel=0.03)


def test_requests_on_a_lost_node_use_no_processor() -> None:
    def bend(params: Params, world: World, t: int) -> None:
        params.bends.nodes_down = [FaultyNode("loss", 0)]

    day = ServerRun(laws(cpu_limit=4.0, rate=10.0, retries=0)).until(60_000)
    there = nodes.on(day.world, 0)
    before = cores_of(day).used[there]
    day.until(90_000, bend)
    assert min(before) > 0
    assert day.counts["timed_out"] > 0
    assert cores_of(day).used[there].tolist() == before.tolist()


def test_a_pod_above_its_limit_works_at_the_limit() -> None:
    changes: dict[str, Any] = {"feature_read_ms": 0.0, "retries": 0, "queue_cap": 10}
    day = ServerRun(laws(rate=60.0, cpu_limit=1.0, timeout_ms=60_000.0, **changes)).until(HOUR // 4)
    # Four pods of one core each, requests of 120 ms.
    assert day.counts["served"] / 900.0 == pytest.approx(4 / 0.12, rel=0.03)
    assert day.counts["shed"] > 0
    cores = cores_of(day)
    assert cores.used.sum() == pytest.approx(4 * 900.0, rel=0.01)
    assert cores.throttled.sum() == pytest.approx(4 * 9000.0, rel=0.01)


@pytest.mark.parametrize("places", [1, 64, 5000])
def test_any_number_of_slots_has_shares(places: int) -> None:
    wanted = np.array([0.0, 0.5, 1.0]) * places
    shares = cpu.shares(wanted, places, 1.0, np.full(3, 0.75 * places))
    assert np.isfinite(shares.granted).all()
    assert shares.granted[2] == pytest.approx(0.75 * places)
    assert shares.speed[0] == pytest.approx(min(1.0, 0.75 * places))
