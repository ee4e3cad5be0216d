"""Memory: leaks, kills and what they leave."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.pipeline import memory, serving
from simulator.pipeline.traffic import COLUMNS
from simulator.pipeline.world import BACKOFF, READY, STARTING, Params, Sample, World
from tests.pipeline.shop import Day, laws, leak, shop


def leaking(slot: int, rate: float = 20e6):  # type: ignore[no-untyped-def]
    def bend(params: Params, world: World, t: int) -> None:
        leak(params, slot, rate)

    return bend


def test_a_process_holds_its_base_its_leak_and_its_requests() -> None:
    day = Day(laws()).until(10_000, leaking(2))
    pods = day.world.replicas
    held = 400e6 + 10e6 * serving.in_service(day.world.queue, 4)
    held[2] += 20e6 * 10
    assert pods.resident == pytest.approx(held)
    assert day.samples[0].hits == {"leak": 1}


def test_at_the_limit_a_pod_is_killed_waits_and_starts_again() -> None:
    # 600 MB of room at 20 MB/s: 30 s at most, a little less with requests in service.
    day = Day(laws(memory_per_request=1e6)).until(30_000, leaking(2))
    pods, sample = day.world.replicas, day.samples[-1]
    assert (pods.phase[2], pods.until[2]) == (BACKOFF, 40_000)
    assert (pods.restarts[2], pods.kills[2], sample.units["killed"]) == (1, 1, 1)
    component, level, text = sample.notes[0]
    assert (component, level) == ("serving-2", "ERROR")
    assert "Reason: OOMKilled  Exit Code: 137" in text
    assert 2 not in day.world.queue.slot

    phases = {}
    for t in (45_000, 75_000):  # 10 s of back-off, 30 s of start-up
        phases[t] = int(day.until(t, leaking(2)).world.replicas.phase[2])
    assert phases == {45_000: STARTING, 75_000: READY}
    assert pods.resident[2] < 550e6


def test_what_was_in_service_fails_and_comes_back() -> None:
    params = laws(rate=90.0)
    calm, struck = Day(params).until(25_000), Day(params).until(25_000)
    in_service = int(serving.in_service(struck.world.queue, 4)[0])
    sample = Sample(20_000, 5000)
    memory.kill(struck.world, params, 0, 25_000, sample)
    assert sample.failed == in_service > 0
    assert struck.inside == calm.inside - in_service
    came_back = len(struck.world.queue.retry_at) - len(calm.world.queue.retry_at)
    assert came_back == in_service


def test_the_back_off_doubles_to_five_minutes_and_is_forgotten_after_ten() -> None:
    params = laws()
    world, waits, t = shop(params), [], 0
    for _ in range(7):
        memory.kill(world, params, 1, t, Sample(t, 5000))
        waits.append(int(world.replicas.until[1]) - t)
        t = int(world.replicas.until[1])
        world.replicas.ready_at[1] = t
    assert waits == [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]
    memory.kill(world, params, 1, t + 600_000, Sample(t + 600_000, 5000))
    assert world.replicas.until[1] == t + 610_000


def test_a_leak_by_request_follows_the_requests() -> None:
    params, law = laws(), ("leak", np.ones(4, bool), 0.0, 1e5)
    params.memory_leaks.append(law)
    world, sample = shop(params), Sample(0, 5000)
    served = serving.serve(world, params, np.empty((0, COLUMNS)), sample)
    memory.step(world, params, served, sample)
    assert (world.replicas.leaked == 0).all()
    assert sample.hits == {}

    def bend(params: Params, world: World, t: int) -> None:
        params.memory_leaks.append(law)

    day = Day(laws()).until(20_000, bend)
    handled = sum(served.handled for served in day.served)
    assert day.world.replicas.leaked == pytest.approx(1e5 * handled)
    assert handled.sum() >= day.counts["served"] > 0


def test_a_leak_lands_on_its_own_pods() -> None:
    """One of a pod that is only starting has lost nothing yet, whatever the others lose."""

    def bend(params: Params, world: World, t: int) -> None:
        world.replicas.phase[3], world.replicas.until[3] = STARTING, 60_000
        leak(params, 2, 1e3)
        leak(params, 3, 20e6, "other")

    assert Day(laws()).until(5000, bend).samples[0].hits == {"leak": 1}
