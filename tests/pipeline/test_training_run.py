"""Long training: failures, hangs, repairs, failed checkpoints and slow nodes of a run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import FaultShare, FaultyNode
from simulator.pipeline.laws import Params
from simulator.pipeline.long_training import fleet, lifecycle, training_runs
from simulator.pipeline.long_training.fleet import FailureCause, FleetLaw
from simulator.pipeline.long_training.training_runs import (
    DONE,
    HUNG,
    PHASES,
    STARTING,
    TRAINING,
    WAITING,
    TrainingLaw,
    TrainingRun,
)
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.telemetry.exporters.dcgm import DcgmExporter
from tests.pipeline.model_server import laws

MINUTE = 60_000
DAY = 1440 * MINUTE
BROKEN = (FailureCause("broken", 1.0, 30 * MINUTE),)


class Site:
    """A fleet and its runs alone; nodes fail by `fail`, or at the law's rate."""

    def __init__(
        self, *run_laws: TrainingLaw, nodes: int = 4, seed: int = 1, tick: int = MINUTE, **law: Any
    ) -> None:
        law = {"failure_rate": 0.0, "causes": BROKEN, **law}
        machines = FleetLaw(nodes=nodes, gpus=8, **law)
        self.params: Params = laws(fleet=machines, trainings=run_laws)
        runs = training_runs.new_trainings(machines, run_laws)
        world: Any = SimpleNamespace(now=0, trainings=runs)
        self.world: World = world
        self.seed, self.tick = seed, tick
        self.hits: dict[str, int] = {}
        self.notes: list[tuple[float, str]] = []
        self.bend: Any = lambda params: None

    @property
    def run(self) -> TrainingRun:
        return self.world.trainings.runs[0]

    def until(self, minute: float) -> Site:
        while self.world.now < minute * MINUTE:
            params, sample = self.params.unbent(), Sample(self.world.now, self.tick)
            self.bend(params)
            self.world.now += self.tick
            lifecycle.step(self.world, params, self.world.now, self.seed, sample)
            self.hits |= sample.hits
            self.notes += [(self.world.now / MINUTE, text) for _, _, text in sample.notes]
            self.assert_allocated()
        return self

    def assert_allocated(self) -> None:
        """Nodes and runs agree on who is allocated to whom, and idle nodes do not wear."""
        machines = self.world.trainings.fleet
        for number, run in enumerate(self.world.trainings.runs):
            assert (machines.run[run.nodes] == number).all()
            assert np.count_nonzero(machines.run == number) == len(run.nodes)
            assert run.saved_work <= training_runs.work_done(run, self.world.now)
            whole = len(run.nodes) == self.params.trainings[number].nodes
            assert whole == (run.phase not in (WAITING, DONE))
            if run.phase == WAITING:
                assert (machines.rate[run.nodes] == 0).all()
        assert (machines.rate[machines.run == -1] == 0).all()

    def fail(self, node: int) -> Site:
        """End the life of a node now."""
        self.world.trainings.fleet.fails_at[node] = self.world.now
        self.world.trainings.wake_at = self.world.now
        return self

    def phase(self) -> str:
        return PHASES[self.run.phase]

    def work(self) -> float:
        return training_runs.work_done(self.run, self.world.now) / MINUTE


def law(nodes: int = 2, **fields: Any) -> TrainingLaw:
    defaults: dict[str, Any] = {
        "set_up": 5 * MINUTE,
        "checkpoint_every": 20 * MINUTE,
        "checkpoint_write": 2 * MINUTE,
    }
    return TrainingLaw("run", nodes, **{**defaults, **fields})


def test_a_run_is_set_up_trains_writes_and_ends() -> None:
    site = Site(law(work=50 * MINUTE)).until(5)
    assert (site.phase(), site.work()) == ("training", 0)
    assert Site(law(work=50 * MINUTE)).until(26).phase() == "writing"
    assert site.until(47).work() == 40
    # 50 minutes of work, three checkpoints, a set-up.
    site.until(70)
    assert (site.phase(), site.run.ended_at / MINUTE, site.run.writes) == ("done", 61, 3)
    assert (site.run.saved_work, site.run.lost_work) == (50 * MINUTE, 0)
    assert fleet.free(site.world.trainings.fleet).tolist() == [0, 1, 2, 3]


def test_a_failure_goes_back_to_the_last_checkpoint_on_a_spare() -> None:
    site = Site(law()).until(37).fail(1).until(38)
    # 20 minutes were saved at minute 27, ten more were done.
    assert (site.phase(), site.work(), site.run.lost_work) == ("starting", 20, 10 * MINUTE)
    assert site.run.nodes.tolist() == [0, 2]
    assert site.run.failures == {"broken": 1}
    assert site.until(42).phase() == "training"
    assert site.until(67).world.trainings.fleet.repaired_at[1] == 0


def test_without_a_spare_it_waits_for_the_repair() -> None:
    site = Site(law(), nodes=2).until(37).fail(0).until(66)
    assert (site.phase(), site.run.nodes.tolist()) == ("waiting", [1])
    assert site.until(68).phase() == "starting"
    assert site.until(73).work() == pytest.approx(21, abs=1)


def test_the_first_of_two_waiting_runs_gets_the_repaired_node() -> None:
    site = Site(law(), TrainingLaw("other", 2, set_up=MINUTE), nodes=4).until(10)
    site.fail(0).until(11).fail(2).until(12)
    phases = [run.phase for run in site.world.trainings.runs]
    assert phases == [WAITING, WAITING]
    site.until(40)
    assert [run.phase for run in site.world.trainings.runs] == [STARTING, WAITING]
    site.until(42)
    assert [run.phase for run in site.world.trainings.runs] == [STARTING, TRAINING]


def test_a_hang_is_silent_until_it_is_investigated() -> None:
    site = (
        Site(law(), causes=(FailureCause("nccl", 1.0, 0, hangs=True),)).until(30).fail(0).until(300)
    )
    assert (site.phase(), site.work(), site.notes) == ("hung", 23, [])
    lifecycle.restart(site.world, site.params, 0, site.world.now)
    assert (site.phase(), site.run.lost_work) == ("starting", 3 * MINUTE)


def test_a_watchdog_detects_a_hang() -> None:
    site = Site(law(watchdog=10 * MINUTE), causes=(FailureCause("nccl", 1.0, 0, hangs=True),))
    site.until(30).fail(0).until(40)
    assert (site.phase(), site.run.restarts) == ("starting", 1)
    assert "Watchdog caught" in site.notes[0][1]


def test_an_unresponsive_node_hangs_the_run_until_it_is_drained() -> None:
    def hang(params: Params) -> None:
        if site.world.now >= 30 * MINUTE and not site.world.trainings.fleet.drained[1]:
            params.bends.node_hangs.append(FaultyNode("hang", 1))

    site = Site(law(watchdog=10 * MINUTE))
    site.bend = hang
    site.until(46)
    assert (site.run.phase, site.run.restarts, site.hits) == (HUNG, 1, {"hang": 1})
    lifecycle.drain(site.world, site.params, 1, site.world.now)
    assert site.run.nodes.tolist() == [0, 2]
    site.until(70)
    assert site.phase() == "training"
    lifecycle.undrain(site.world, site.params, 1, site.world.now)
    assert fleet.free(site.world.trainings.fleet).tolist() == [1, 3]


def test_failed_writes_take_time_and_save_nothing() -> None:
    def fail_writes(params: Params) -> None:
        if site.world.now < 60 * MINUTE:
            params.bends.checkpoint_failures = {"run": [FaultShare("store", 1.0)]}

    site = Site(law())
    site.bend = fail_writes
    site.until(50)
    assert (site.run.writes, site.run.failed_writes, site.run.saved_work) == (2, 2, 0)
    assert site.hits == {"store": 1}
    site.until(72)
    assert (site.run.saved_work, site.run.failed_writes) == (60 * MINUTE, 2)


def test_the_last_checkpoint_is_retried_until_it_is_written() -> None:
    def fail_writes(params: Params) -> None:
        if site.world.now < 40 * MINUTE:
            params.bends.checkpoint_failures = {"run": [FaultShare("store", 1.0)]}

    site = Site(law(work=20 * MINUTE, checkpoint_write=0))
    site.bend = fail_writes
    site.until(42)
    assert site.run.phase == DONE
    assert 40 * MINUTE <= site.run.ended_at <= 42 * MINUTE


def test_a_drill_can_start_in_the_middle_of_a_run_without_a_history() -> None:
    site = Site(law(done=DAY, work=2 * DAY))
    lifecycle.step(site.world, site.params, 0, 7, Sample(-MINUTE, MINUTE))
    assert (site.run.phase, site.world.trainings.fleet.seed) == (WAITING, None)
    site.until(1)
    assert (site.phase(), site.work()) == ("training", 1441)
    assert training_runs.goodput(site.run, site.world.now) == 1.0


# -- lives ---------------------------------------------------------------------------------------


def test_a_higher_rate_brings_the_same_failure_forward() -> None:
    def first(factor: float, since: float) -> float:
        site = Site(law(checkpoint_every=0, nodes=1), nodes=1, failure_rate=1 / DAY)
        site.bend = lambda params: (
            params.bends.node_failures.update({0: factor})
            if site.world.now >= since * MINUTE
            else None
        )
        while not site.run.restarts:
            site.until(site.world.now / MINUTE + 10)
        return site.run.since / MINUTE

    plain = first(1.0, 0)
    assert first(4.0, 0) == pytest.approx(plain / 4, abs=1e-3)
    assert first(4.0, plain / 2 // 10 * 10) == pytest.approx(
        plain / 2 // 10 * 10 + (plain - plain / 2 // 10 * 10) / 4, abs=1e-3
    )


def test_a_node_fails_at_most_once_a_second_at_any_rate() -> None:
    causes = (FailureCause("software", 1.0, 0),)
    site = Site(
        law(checkpoint_every=0, nodes=1, set_up=0), nodes=1, failure_rate=1 / DAY, causes=causes
    )
    site.bend = lambda params: params.bends.node_failures.update({0: 1e9})
    site.until(30)
    assert 1000 < sum(site.run.failures.values()) < 30 * 60 * 1.2


def test_lemon_nodes_are_as_many_as_configured_and_fixed_by_the_seed() -> None:
    def lemons(seed: int) -> list[int]:
        site = Site(law(), nodes=50, seed=seed, lemons=3, lemon_factor=20.0).until(1)
        return np.flatnonzero(site.world.trainings.fleet.lemon > 1).tolist()

    assert len(lemons(1)) == 3
    assert lemons(1) == lemons(1) != lemons(2)


CAUSES = (
    FailureCause("gpu", 3.0, 0, xid=79),
    FailureCause("memory", 3.0, 0, xid=48),
    FailureCause("software", 3.0, 0),
    FailureCause("nccl", 1.0, 0, hangs=True),
)


@pytest.mark.parametrize("seed", range(3))
def test_a_lemon_fails_always_of_its_own_accelerator(seed: int) -> None:
    """Its failures have one cause and one Xid error; those of a healthy node vary."""
    few = {"watchdog": MINUTE, "checkpoint_every": 0, "set_up": 0}
    site = Site(
        law(**few), seed=seed, nodes=2, failure_rate=1 / (20 * MINUTE), causes=CAUSES, tick=DAY
    )
    site.bend = lambda params: params.bends.node_failures.update({1: 20.0})
    site.until(1440)
    texts = [text for _, text in site.notes if "failed" in text]
    lemon = [text for text in texts if "node-1 " in text]
    assert len(lemon) > 100
    assert len(set(lemon)) == 1
    assert "(Xid " in lemon[0]
    assert len({text for text in texts if "node-0 " in text}) > 2
    kernel = {text for _, text in site.notes if "NVRM" in text and lemon[0].split()[5] in text}
    fleet = site.world.trainings.fleet
    error = CAUSES[fleet.last_cause[1]].xid
    assert any(f": {error}, " in text and f"(GPU {fleet.last_gpu[1]})" in text for text in kernel)


def test_the_exporter_shows_the_last_xid_error_until_a_repair() -> None:
    causes = (FailureCause("gpu", 1.0, 30 * MINUTE, xid=79),)
    site = Site(law(), causes=causes).until(10)
    exporter = DcgmExporter({"fleet": site.params.fleet})
    scrape: Any = SimpleNamespace(world=site.world)
    assert list(exporter.dynamic_series(scrape)) == []
    site.fail(0).until(20)
    ((labels, value),) = exporter.dynamic_series(scrape)
    gpu = site.world.trainings.fleet.last_gpu[0]
    assert dict(labels) == {
        "__name__": "DCGM_FI_DEV_XID_ERRORS", "Hostname": "node-0", "gpu": str(gpu)
    }  # fmt: skip
    assert value == 79
    site.until(60)
    assert list(exporter.dynamic_series(scrape)) == []


@pytest.mark.slow
def test_causes_occur_by_their_weights() -> None:
    causes = (FailureCause("gpu", 3.0, 0), FailureCause("software", 1.0, 0))
    site = Site(law(nodes=4), failure_rate=1 / (2 * MINUTE), causes=causes, tick=DAY).until(
        3 * 1440
    )
    gpu, software = site.run.failures["gpu"], site.run.failures["software"]
    count = gpu + software
    assert count > 5000
    # Four standard deviations of the binomial.
    assert abs(gpu / count - 0.75) < 4 * (0.75 * 0.25 / count) ** 0.5


@pytest.mark.slow
@given(
    st.integers(0, 100),
    st.floats(5, 200),
    st.integers(2, 4),
    st.sampled_from([0, 15 * MINUTE]),
    st.integers(0, 2),
)
@settings(max_examples=25, deadline=None)
def test_the_tick_moves_no_failure_and_work_is_conserved(
    seed: int, mttf: float, nodes: int, repair: int, lemons: int
) -> None:
    def outcome(tick: int) -> tuple[Any, ...]:
        causes = (FailureCause("broken", 2.0, repair), FailureCause("silent", 1.0, 0, hangs=True))
        run_law = law(nodes=2, watchdog=7 * MINUTE, work=300 * MINUTE)
        site = Site(
            run_law,
            nodes=nodes,
            seed=seed,
            tick=tick,
            failure_rate=1 / (mttf * MINUTE),
            causes=causes,
            lemons=lemons,
            lemon_factor=5.0,
        ).until(720)
        run = site.run
        assert run.work >= run.saved_work
        return (run.phase, run.since, run.work, run.saved_work, run.lost_work, run.restarts, run.writes,
                run.failures, run.nodes.tolist())  # fmt: skip

    assert outcome(15_000) == outcome(10 * MINUTE) == outcome(6 * 60 * MINUTE)


# -- a slow node ---------------------------------------------------------------------------------


def slow(site: Site, factors: dict[int, float], since: float = 0, until: float = 1e9) -> Site:
    """Slow nodes down from `since` to `until`, minutes."""

    def bend(params: Params) -> None:
        if since * MINUTE <= site.world.now < until * MINUTE:
            params.bends.node_slowdowns.update(factors)

    site.bend = bend
    return site


def test_a_step_lasts_as_long_as_on_the_slowest_node() -> None:
    site = slow(Site(law(checkpoint_every=0)), {0: 1.5, 1: 2.5, 3: 50.0}, since=25)
    assert site.until(25).work() == 20
    # Node 3 is not allocated to the run.
    assert site.until(75).work() == 40
    assert site.run.lost_work == 0


def test_a_slow_node_delays_the_checkpoint_until_it_recovers() -> None:
    site = slow(Site(law()), {1: 2.0}, since=15, until=29)
    # 10 min of work at full speed, 7 at half, 3 at full: 20 at minute 32.
    assert site.until(29).work() == 17
    assert site.until(33).phase() == "writing"
    assert (site.until(35).run.saved_work / MINUTE, site.work()) == (20, 21)


def test_a_straggler_stays_after_a_restart_and_goes_with_a_drain() -> None:
    def progress(order: Any) -> tuple[float, float]:
        site = slow(Site(law(checkpoint_every=0)), {1: 4.0})
        site.until(20)
        order(site)
        site.until(25)
        site.until(65)
        return site.work(), site.run.slowdown

    def restart(site: Site) -> None:
        lifecycle.restart(site.world, site.params, 0, site.world.now)

    def drain(site: Site) -> None:
        lifecycle.drain(site.world, site.params, 1, site.world.now)

    assert progress(restart) == (10, 4.0)
    assert progress(drain) == (40, 1.0)


@given(st.integers(0, 100), st.floats(1.0, 30.0), st.integers(0, 600), st.integers(1, 600))
@settings(max_examples=25, deadline=None)
def test_the_tick_moves_no_slow_run(seed: int, factor: float, since: int, lasts: int) -> None:
    def outcome(tick: int) -> tuple[Any, ...]:
        run_law = law(nodes=2, work=200 * MINUTE)
        site = Site(run_law, nodes=3, seed=seed, tick=tick, failure_rate=1 / (300 * MINUTE))
        start = since // 10 * 10
        slow(site, {0: factor}, since=start, until=start + lasts // 10 * 10).until(1200)
        run = site.run
        return (
            run.phase,
            run.since,
            run.work,
            run.saved_work,
            run.lost_work,
            run.restarts,
            run.writes,
        )

    assert outcome(30_000) == outcome(10 * MINUTE)
