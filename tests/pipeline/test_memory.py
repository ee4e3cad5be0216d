"""Memory: leaks, kills and what they leave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline import segments
from simulator.pipeline.bends import LeakingPods
from simulator.pipeline.cluster import memory
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import AT, ATTEMPT, COLUMNS, SINCE, UNTIL, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.serving.batching import BatchingLaw
from simulator.pipeline.serving.laws import CacheLaw, PerReplicaQueueing
from simulator.pipeline.world import BACKOFF, READY, STARTING, World
from tests.pipeline.model_server import ServerRun, laws, leak, serving_world


def leaking(slot: int, rate: float = 20e6):  # type: ignore[no-untyped-def]
    def bend(params: Params, world: World, t: int) -> None:
        leak(params, slot, rate)

    return bend


def test_a_process_holds_its_base_its_leak_and_its_requests() -> None:
    day = ServerRun(laws()).until(10_000, leaking(2))
    pods = day.world.replicas
    held = 400e6 + 10e6 * server.in_service(day.world.queue, 4)
    held[2] += 20e6 * 10
    assert pods.resident == pytest.approx(held)
    assert day.samples[0].hits == {"leak": 1}


def test_at_the_limit_a_pod_is_killed_waits_and_starts_again() -> None:
    # 600 MB of room at 20 MB/s: 30 s at most, a little less with requests in service.
    day = ServerRun(laws(memory_per_request=1e6)).until(30_000, leaking(2))
    pods, sample = day.world.replicas, day.samples[-1]
    assert (pods.phase[2], pods.restarts[2], pods.kills[2]) == (STARTING, 1, 1)
    assert sample.units["killed"] == 1
    killed = int(pods.until[2]) - 30_000  # at once the first time, and 30 s to start up
    assert 29_700 < killed < 30_000
    component, level, text = sample.notes[0]
    assert (component, level) == ("serving-2", "ERROR")
    assert "Reason: OOMKilled  Exit Code: 137" in text
    assert len(sample.notes) == 1
    assert 2 not in day.world.queue.slot

    phases = {}
    for t in (55_000, 60_000, 90_000):  # ready again, and 30 s later killed again
        phases[t] = int(day.until(t, leaking(2)).world.replicas.phase[2])
    assert phases == {55_000: STARTING, 60_000: READY, 90_000: BACKOFF}
    assert 9_700 < pods.until[2] - 90_000 < 10_000
    assert "Back-off restarting" in day.samples[-1].notes[1][2]


def test_requests_in_service_fail_and_are_retried() -> None:
    params = laws(rate=90.0)
    calm, struck = ServerRun(params).until(25_000), ServerRun(params).until(25_000)
    in_service = int(server.in_service(struck.world.queue, 4)[0])
    sample = Sample(20_000, 5000)
    memory.kill(struck.world, params, 0, 25_000, sample)
    assert sample.failed == in_service > 0
    assert struck.inside == calm.inside - in_service
    came_back = len(struck.world.queue.retry_at) - len(calm.world.queue.retry_at)
    assert came_back == in_service


def test_the_back_off_begins_with_the_second_crash_and_is_forgotten_after_ten_minutes() -> None:
    params = laws(start_up_ms=0)
    world, waits, t = serving_world(params), [], 0
    for _ in range(8):
        sample = Sample(t, 5000)
        memory.kill(world, params, 1, t, sample)
        waits.append(int(world.replicas.until[1]) - t)
        backing_off = world.replicas.phase[1] == BACKOFF
        assert backing_off == (len(sample.notes) > 1) == (waits[-1] > 0)
        t = int(world.replicas.until[1])
        world.replicas.ready_at[1] = t
    assert waits == [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]
    memory.kill(world, params, 1, t + 600_001, Sample(t + 600_001, 5000))
    assert world.replicas.until[1] == t + 600_001


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 99),
    dt=st.sampled_from([500, 1000, 2500]),
    rate=st.sampled_from([40.0, 90.0]),
    lost=st.sampled_from([0.0, 20e6]),
    own=st.booleans(),
)
def test_the_time_of_a_kill_does_not_depend_on_the_tick(
    seed: int, dt: int, rate: float, lost: float, own: bool
) -> None:
    """Bit for bit: of four places a replica has memory for three."""

    def bend(params: Params, world: World, t: int) -> None:
        leak(params, 1, lost)

    lanes = PerReplicaQueueing(batching=BatchingLaw(max_size=3)) if own else None
    case = {"rate": rate, "memory_limit": 435e6, "start_up_ms": 3210, "per_replica": lanes}
    coarse = ServerRun(laws(**case), seed).until(40_000, bend)
    fine = ServerRun(laws(**case), seed, dt).until(40_000, bend)
    assert coarse.world.replicas.kills.sum() > 0
    assert coarse.counts == fine.counts
    assert coarse.answers() == fine.answers()
    for column in ("kills", "restarts", "phase", "until", "ready_at", "leaked"):
        column_of_coarse, other = (getattr(day.world.replicas, column) for day in (coarse, fine))
        assert column_of_coarse.tolist() == other.tolist(), column


def test_a_peak_inside_a_tick_kills_at_its_own_time() -> None:
    """Two requests of 100 ms at once are more than there is memory for; both are lost."""
    params = laws(
        slots=1, service_ms=100.0, feature_read_ms=0.0, retries=0, memory_limit=415e6,
        start_up_ms=1000,
    )  # fmt: skip
    world, sample = serving_world(params, wanted=1), Sample(0, 5000)
    rows = np.zeros((4, COLUMNS))
    rows[:, SINCE] = rows[:, AT] = [1000.0, 2000.0, 2050.5, 4000.0]
    rows[:, UNTIL], rows[:, WORK], rows[:, ATTEMPT] = rows[:, SINCE] + 2000.0, 1.0, 1.0
    served = segments.serve(world, params, rows, sample)
    assert (sample.arrived, sample.served, sample.failed) == (4, 2, 2)
    assert served.leaves.tolist() == [1100.0, 4100.0]
    assert world.replicas.ready_at[0] == 2051 + 1000
    assert sample.busy_ms.tolist() == [100.0 + 51.0 + 0.5 + 100.0]


def test_a_leak_by_request_follows_the_requests() -> None:
    params, law = laws(), LeakingPods("leak", np.ones(4, bool), 0.0, 1e5)
    params.bends.memory_leaks.append(law)
    world, sample = serving_world(params), Sample(0, 5000)
    served = server.serve(world, params, np.empty((0, COLUMNS)), sample)
    memory.step(world, params, served, sample)
    assert (world.replicas.leaked == 0).all()
    assert sample.hits == {}

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.memory_leaks.append(law)

    day = ServerRun(laws()).until(20_000, bend)
    handled = sum(served.departed for served in day.served)
    assert day.world.replicas.leaked == pytest.approx(1e5 * handled)
    assert handled.sum() >= day.counts["served"] > 0


def test_a_leak_lands_on_its_own_pods() -> None:
    """One of a pod that is only starting has lost nothing yet, whatever the others lose."""

    def bend(params: Params, world: World, t: int) -> None:
        world.replicas.phase[3], world.replicas.until[3] = STARTING, 60_000
        leak(params, 2, 1e3)
        leak(params, 3, 20e6, "other")

    assert ServerRun(laws()).until(5000, bend).samples[0].hits == {"leak": 1}


# -- caches -----------------------------------------------------------------------------------


def test_a_cache_fills_up_with_its_look_ups_and_stays_full() -> None:
    cache = CacheLaw(hit_ratio=0.8, size=100.0, memory=300e6)
    day = ServerRun(laws(feature_cache=cache, memory_per_request=0.0))
    pods = day.world.replicas
    pods.warmth = np.array([0.0, 0.0, np.inf, np.inf])
    cached = day.until(5000).world.replicas.resident - 400e6
    assert cached == pytest.approx(300e6 * (1 - np.exp(-day.world.replicas.warmth / 100.0)))
    assert (cached[:2] < 250e6).all()
    assert cached[2:] == pytest.approx(300e6)
    full = day.until(180_000).world.replicas
    assert full.resident == pytest.approx(700e6, rel=0.001)
    assert full.kills.sum() == 0


def test_a_cache_that_does_not_fit_has_its_pod_killed_and_starts_cold() -> None:
    cache = CacheLaw(hit_ratio=0.8, size=200.0, memory=700e6)
    day = ServerRun(laws(feature_cache=cache, memory_per_request=1e6))
    day.world.replicas.warmth = np.zeros(4)
    pods = day.until(60_000).world.replicas
    # Full it would hold 1,100 of 1,000 MB: 1.95 times its size of look-ups at twelve a second.
    assert (pods.kills == 1).all()
    assert (pods.warmth < 200).all()
