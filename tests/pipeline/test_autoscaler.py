"""How many pods there are, how they are replaced, and how slow they are at first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.pipeline.cluster.autoscaler import recommended_replicas
from simulator.pipeline.cluster.laws import AutoscalerLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.world import ABSENT, READY, World
from simulator.run.events import LineEvent
from simulator.session import Session
from tests.oracles.queue_drill import queue_setting
from tests.pipeline.model_server import ServerRun, laws

LAW = AutoscalerLaw(least=2, most=10, target=0.5)


class Scaled(ServerRun):
    """A day that keeps book of the pods."""

    def __init__(self, params: Params, **more: Any) -> None:
        super().__init__(params, **more)
        self.wanted: list[int] = []
        self.ready: list[int] = []
        self.there: list[int] = []

    def book(self, params: Params, world: World, t: int) -> None:
        phase = world.replicas.phase
        self.wanted.append(world.cluster.desired_replicas)
        self.ready.append(int((phase == READY).sum()))
        self.there.append(int((phase != ABSENT).sum()))


def scaled(law: AutoscalerLaw = LAW, **changes: Any) -> Scaled:
    """Ten slots of pods of four requests each; a pod serves 25 a second."""
    usual = {
        "slots": 10, "service_ms": 160.0, "feature_read_ms": 0.0, "retries": 0, "queue_cap": 10**6,
        "memory_base": 60e6, "memory_request": 100e6, "autoscaler": law, "start_up_ms": 20_000,
        "timeout_ms": 1e9,
    }  # fmt: skip
    return Scaled(laws(**usual | changes), wanted=2)


def spike(day: Scaled, start: int, stop: int, factor: float) -> Any:
    def bend(params: Params, world: World, t: int) -> None:
        params.rate *= factor if start <= t < stop else 1.0
        day.book(params, world, t)

    return bend


@given(now=st.integers(1, 10), use=st.floats(0, 1), ready=st.integers(0, 10))
def test_desired_replicas_follow_the_published_formula(now: int, use: float, ready: int) -> None:
    ready = min(ready, now)
    desired = recommended_replicas(LAW, now, use, ready)
    if ready == now and abs(use / 0.5 - 1) > 0.1:
        assert desired == int(np.ceil(now * use / 0.5 - 1e-9))
    elif ready == now or ready == 0:
        assert desired == now
    if use > 0.5 and ready:
        assert desired >= now  # those that start are not taken away because others are busy


def test_utilization_settles_within_the_tolerance_of_the_target() -> None:
    day = scaled(rate=75.0)
    day.until(900_000, spike(day, 0, 0, 1.0))
    # 75 a second use 12 slots; at half use that takes 24, six pods.
    assert day.wanted[-1] in (6, 7)
    used = sum(s.busy_ms.sum() for s in day.samples[-60:]) / (60 * 5000 * 4 * day.wanted[-1])
    assert used == pytest.approx(0.5, rel=0.15)
    assert day.wanted[0] == 2


def test_it_grows_at_once_and_shrinks_after_the_window() -> None:
    day = scaled(rate=20.0)
    day.until(1_200_000, spike(day, 300_000, 420_000, 5.0))
    size = np.array(day.wanted)
    at = np.arange(len(size)) * 5000
    assert (size[at < 300_000] == 2).all()
    first = at[size > 2][0]
    assert 300_000 < first <= 330_000
    # Down again no sooner than five minutes after the last look that asked for more.
    assert (size[(at >= 400_000) & (at <= 700_000)] >= 6).all()
    assert (size[at >= 760_000] == 2).all()
    # Counting pods that start as idle, it does not run away while they do.
    assert size.max() <= 10


def test_the_initial_replicas_count_for_the_whole_window() -> None:
    day = scaled(AutoscalerLaw(least=1, most=10, target=0.5), rate=1.0)
    day.world.cluster.desired_replicas = 4
    day.until(400_000, day.book)
    # Its first look is after 15 s.
    assert day.wanted[: 315 // 5] == [4] * (315 // 5)
    assert set(day.wanted[315 // 5 :]) == {1}


def test_replicas_double_every_quarter_of_a_minute_at_any_sync_period() -> None:
    sizes = {}
    for sync in (5_000, 15_000):
        law = AutoscalerLaw(least=1, most=64, target=0.1, sync_ms=sync)
        day = scaled(law, slots=64, rate=2000.0, start_up_ms=0)
        day.until(60_000, day.book)
        sizes[sync] = [day.wanted[(t + sync) // 5000] for t in (0, 15_000, 30_000)]
    assert sizes[5_000] == sizes[15_000] == [6, 12, 24]


def test_replicas_stay_between_minimum_and_maximum() -> None:
    day = scaled(AutoscalerLaw(least=2, most=5, target=0.5), rate=200.0)
    day.until(300_000, spike(day, 0, 0, 1.0))
    assert max(day.wanted) == 5
    day = scaled(AutoscalerLaw(least=2, most=5, target=0.5, stabilisation_ms=0), rate=1.0)
    day.until(300_000, spike(day, 0, 0, 1.0))
    assert set(day.wanted) == {2}


def test_a_manual_scale_holds_until_the_next_sync() -> None:
    day = scaled(AutoscalerLaw(least=2, most=10, target=0.5, stabilisation_ms=0), rate=15.0)
    day.until(60_000, day.book)
    day.world.cluster.desired_replicas = 9
    day.until(300_000, day.book)
    assert 9 in day.wanted
    assert day.wanted[-1] == 2


@pytest.mark.parametrize(("surge", "missing"), [(0, 1), (1, 0), (2, 0), (2, 2), (0, 3)])
def test_a_rollout_keeps_its_max_surge_and_max_unavailable(surge: int, missing: int) -> None:
    day = scaled(autoscaler=None, max_surge=surge, max_unavailable=missing)
    day.world.cluster.desired_replicas = 4
    day.until(60_000, day.book)

    day.ready, day.there = [], []
    day.world.cluster.build = 2
    day.until(400_000, day.book)
    assert min(day.ready[1:]) >= 4 - missing
    assert max(day.there) <= 4 + surge
    assert max(day.there) == 4 + (surge if surge else 0)
    pods = day.world.replicas
    assert pods.build[:4].tolist() == [2] * 4
    assert pods.phase.tolist() == [READY] * 4 + [ABSENT] * 6


def test_a_surge_may_exceed_the_maximum_of_replicas() -> None:
    """Scaled to its maximum, a rollout that may miss no pod is still rolled out."""
    setting = queue_setting(
        10, "10/s", replicas=2, replicas_max=3, start_up="10s",
        rollout={"max_surge": 1, "max_unavailable": 0},
    )  # fmt: skip
    run = Session(setting, 1)
    run.advance(60_000)
    run.internals.world.cluster.desired_replicas = 3
    run.advance(120_000)
    run.internals.world.cluster.build = 2
    most = 0
    while run.now < 300_000:
        run.advance(run.now + 5000)
        pods = run.internals.world.replicas
        assert (pods.phase == READY).sum() >= 3
        most = max(most, int((pods.phase != ABSENT).sum()))
    assert most == 4
    assert pods.build[pods.phase == READY].tolist() == [2, 2, 2]


def test_a_pod_is_slow_while_it_warms_up() -> None:
    params = laws(slots=1, concurrency=1, service_ms=10.0, feature_read_ms=0.0, rate=5.0,
                  start_up_ms=10_000, warm_up_ms=20_000, warm_up_factor=5.0, queue_cap=10**6,
                  timeout_ms=1e9)  # fmt: skip
    day = ServerRun(params, wanted=1)
    day.world.cluster.restart_pending[0] = True
    day.until(60_000)
    work = [s.predict_ms.mean() / 10.0 if len(s.predict_ms) else 0.0 for s in day.samples]
    assert work[:2] == [0.0, 0.0]
    assert np.mean(work[2:6]) == pytest.approx(5, rel=0.3)
    assert np.mean(work[6:]) == pytest.approx(1, rel=0.3)


@pytest.fixture(scope="module")
def scaling_run() -> Any:
    """A session of a queue with everything that this stage can say of itself."""
    setting = queue_setting(
        10, "150/s", replicas=2, replicas_max=8, concurrency=1,
        autoscaler={"min": 2, "max": 6, "target": 0.5}, warm_up={"lasts": "10s", "factor": 2.0},
        rollout={"max_surge": 1, "max_unavailable": 0}, retries=2,
        retry_budget={"share": 0.2}, breaker={"failures": 0.5, "cool_down": "30s"},
    )  # fmt: skip
    run = Session(setting, 1)
    run.advance(run.ends)
    return run.finish()


def test_a_session_scales_by_itself_and_logs_it(scaling_run: Any) -> None:
    columns = {}
    for key in scaling_run.series:
        if str(key).endswith(".series") and "horizontalpodautoscaler" in str(
            scaling_run.series[key]
        ):
            table = str(key)[:-7]
            names = [
                str(label_set) for label_set in np.atleast_1d(scaling_run.series[key]).tolist()
            ]
            values = scaling_run.series[f"{table}.values"]
            columns = {
                part: values[-1, next(i for i, name in enumerate(names) if part in name)]
                for part in ("min_replicas", "max_replicas", "current", "desired")
            }
    # 150 a second of 10 ms use 1.5 slots: three pods at half use.
    assert (columns["min_replicas"], columns["max_replicas"]) == (2, 6)
    assert 3 <= columns["current"] == columns["desired"] <= 4
    lines = [event.text for event in scaling_run.of(LineEvent) if "Rescale" in event.text]
    assert lines[0].startswith("Normal  SuccessfulRescale  New size: ")
