"""The batch graph: schedules, cycles, pools, sensors, attempts and orders."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import JobFailure, MissingSource, TakenSlots
from simulator.pipeline.jobs import dag, pausing, scheduler, zombies
from simulator.pipeline.jobs.job_runs import (
    DEFERRED,
    NEVER,
    QUEUED,
    RUNNING,
    SCHEDULED,
    SKIPPED,
    STATES,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
    UPSTREAM_FAILED,
    unfinished,
)
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw, SensorLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.units.cron import Cron, cron_error
from tests.pipeline.model_server import laws

MINUTE = 60_000
HOUR = 60 * MINUTE


def job(name: str, minutes: float = 1, **fields: Any) -> JobLaw:
    return JobLaw(name, "work", int(minutes * MINUTE), **fields)


class Graph:
    """A batch graph alone; `done` has `(minute of the end, job, minute of the data)` of each run."""

    def __init__(self, *jobs: JobLaw, pools: tuple[PoolLaw, ...] = (), tick: int = MINUTE) -> None:
        self.params: Params = laws(jobs=jobs, pools=pools)
        self.tick = tick
        world: Any = SimpleNamespace(now=0, jobs=dag.initial_columns(jobs, 0, pools))
        self.world: World = world
        self.done: list[tuple[float, str, int]] = []
        self.notes: list[tuple[float, str, str]] = []
        self.units: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.peak_running = 0
        self.bend: Any = lambda params: None

    def until(self, minute: float) -> Graph:
        while self.world.now < minute * MINUTE:
            params, sample = self.params.unbent(), Sample(self.world.now, self.tick)
            self.bend(params)
            self.world.now += self.tick
            scheduler.step(self.world, params, self.world.now, {"work": self.work}, 1, sample)
            self.notes += [(self.world.now / MINUTE, who, text) for who, _, text in sample.notes]
            self.units.update(sample.units)
            self.hits.update(sample.hits)
            self.peak_running = max(self.peak_running, self.count(RUNNING))
        return self

    def work(self, world: World, params: Params, work: scheduler.Work) -> str:
        law, args, data_time = work[:3]
        (run,) = (
            r for r in world.jobs.runs
            if r.state == RUNNING and params.jobs[r.job] is law and r.data_time == data_time
        )  # fmt: skip
        self.done.append((run.next_at / MINUTE, law.name, data_time // MINUTE))
        return str(args.get("outcome", ""))

    def count(self, state: int, name: str = "") -> int:
        return sum(
            run.state == state and name in ("", self.params.jobs[run.job].name)
            for run in self.world.jobs.runs
        )

    def state(self, name: str) -> str:
        """State of a job's newest unfinished run, else its last final state."""
        columns, i = self.world.jobs, dag.index(self.params, name)
        runs = unfinished(columns, i)
        return STATES[runs[-1].state if runs else columns.last_state[i]]

    def order(self, name: str, **args: Any) -> bool:
        return dag.trigger(self.world, self.params, name, self.world.now, args)


# -- schedules ------------------------------------------------------------------------------


def test_a_job_runs_on_its_schedule_and_downstream_jobs_follow() -> None:
    graph = Graph(job("a", every=10 * MINUTE), job("b", after=("a",))).until(25)
    assert graph.done == [(11, "a", 10), (12, "b", 11), (21, "a", 20), (22, "b", 21)]


def test_a_job_after_two_waits_for_both() -> None:
    both = job("c", after=("a", "b"))
    graph = Graph(job("a", every=10 * MINUTE), job("b", 4, every=10 * MINUTE), both).until(18)
    assert graph.done == [(11, "a", 10), (14, "b", 10), (15, "c", 14)]


def failing(name: str, first: float, last: float, graph: Graph) -> Any:
    """Fail the runs of a job that start from `first` to `last`, minutes."""

    def bend(params: Params) -> None:
        if first * MINUTE <= graph.world.now < last * MINUTE:
            params.bends.job_failures[name] = [JobFailure("down", "down")]

    return bend


def two_upstream_jobs() -> Graph:
    a, b = job("a", 0.5, every=10 * MINUTE), job("b", 2, every=10 * MINUTE)
    return Graph(a, b, job("c", after=("a", "b")))


def test_a_job_after_two_counts_no_success_of_another_due_time() -> None:
    graph = two_upstream_jobs()
    first, second = failing("b", 9, 11, graph), failing("a", 19, 21, graph)
    graph.bend = lambda params: (first(params), second(params))
    graph.until(40)
    # At minute 10 only b fails, at 20 only a: neither cycle is complete.
    assert [end for end in graph.done if end[1] == "c"] == [(33, "c", 32)]
    assert graph.world.jobs.upstream_failed.tolist() == [0, 0, 2]


def test_a_late_run_belongs_to_the_cycle_of_its_due_time() -> None:
    a, b = job("a", 0.5, every=10 * MINUTE), job("b", 12, every=20 * MINUTE)
    graph = Graph(a, b, job("c", after=("a", "b"))).until(60)
    assert [end for end in graph.done if end[1] == "c"] == [(33, "c", 32), (53, "c", 52)]
    assert list(graph.world.jobs.upstream_done[2]) == [50 * MINUTE, 60 * MINUTE]


@pytest.mark.parametrize("order", ["rerun", "clear"])
def test_a_failed_cycle_is_completed_by_hand(order: str) -> None:
    graph = two_upstream_jobs()
    graph.bend = failing("b", 9, 11, graph)
    graph.until(14)
    assert (graph.state("b"), graph.state("c")) == ("failed", "upstream_failed")
    if order == "rerun":
        assert graph.order("b")
    else:
        assert dag.clear(graph.world, graph.params, 1, graph.world.now)
    graph.until(18)
    assert graph.done[-1][1] == "c"


def test_a_backfill_of_both_upstream_jobs_completes_every_cycle() -> None:
    graph = two_upstream_jobs().until(35)
    before = len(graph.done)
    for i in (0, 1):
        past = [10 * MINUTE, 20 * MINUTE]
        dag.backfill(graph.world, graph.params, i, graph.world.now, past, max_active=0)
    graph.until(39.5)
    assert [name for _, name, _ in graph.done[before:]].count("c") == 2


NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("line", "start", "hours"),
    [
        # The clock jumps from two to three: a due time in between runs once, at three.
        ("30 2 * * *", datetime(2026, 3, 8, 0), [2.0, 25.5, 49.5]),
        ("*/30 * * * *", datetime(2026, 3, 8, 1, 15), [0.25, 0.75, 1.25]),
        # The hour from one to two comes twice: a nightly job runs once, a half-hourly always.
        ("30 1 * * *", datetime(2026, 11, 1, 0), [1.5, 26.5, 50.5]),
        ("30 * * * *", datetime(2026, 11, 1, 0), [0.5, 1.5, 2.5, 3.5]),
        ("0 9 * * MON-FRI", datetime(2026, 3, 6, 10), [70.0, 94.0]),
        ("@daily", datetime(2026, 3, 7, 12), [12.0, 35.0]),
        ("0 0 29 2 *", datetime(2026, 3, 1), [730 * 24.0]),
    ],
)
def test_cron_lines_follow_local_time(line: str, start: datetime, hours: list[float]) -> None:
    assert cron_error(line) == ""
    cron, t = Cron(line, start.replace(tzinfo=NEW_YORK)), 0
    for hour in hours:
        t = cron.after(t)
        assert t / HOUR == hour


def test_in_the_second_of_two_equal_hours_nothing_is_due_in_the_first() -> None:
    cron = Cron("30 1 * * *", datetime(2026, 11, 1, 0, tzinfo=NEW_YORK))
    assert cron.after(2 * HOUR + 10 * MINUTE) == 26 * HOUR + 30 * MINUTE


def test_the_same_moment_in_two_zones_is_due_at_two_times() -> None:
    here = datetime(2026, 3, 9, 8, tzinfo=NEW_YORK)
    there = here.astimezone(ZoneInfo("Europe/Berlin"))
    assert here == there
    assert Cron("0 15 * * *", here).after(0) == 7 * HOUR
    assert Cron("0 15 * * *", there).after(0) == 2 * HOUR


@given(st.integers(0, 10**9), st.sampled_from(["*/7 * * * *", "30 1 * * *", "0 2,3 * 3,11 *"]))
@settings(max_examples=60, deadline=None)
def test_any_search_finds_every_due_time(t: int, line: str) -> None:
    cron = Cron(line, datetime(2026, 10, 25, tzinfo=NEW_YORK))
    due = cron.after(t)
    assert t < due
    assert cron.after(due - 1) == due
    assert cron.after((t + due) // 2) == due


def test_a_job_by_cron_runs_in_the_pipelines_zone() -> None:
    cron = Cron("5 * * * *", datetime(2026, 3, 9, 8, tzinfo=NEW_YORK))
    assert Graph(job("a", cron=cron)).until(70).done == [(6, "a", 5), (66, "a", 65)]


# -- late, missed, caught up -------------------------------------------------------------------


def test_a_due_time_during_a_run_is_missed_without_catch_up() -> None:
    slow = job("a", 15, every=10 * MINUTE)
    assert [end[2] for end in Graph(slow).until(60).done] == [10, 30]
    graph = Graph(dataclasses.replace(slow, catch_up=True)).until(60)
    assert [end[2] for end in graph.done] == [10, 20, 30]
    assert graph.world.jobs.missed.tolist() == [0]
    assert [run.due // MINUTE for run in graph.world.jobs.runs] == [40, 50, 60]


def test_a_late_run_is_logged_once() -> None:
    graph = Graph(job("a", 15, every=20 * MINUTE, deadline=10 * MINUTE)).until(38)
    assert graph.world.jobs.missed_deadlines.tolist() == [1]
    assert [(minute, text[:16]) for minute, _, text in graph.notes] == [(30, "Deadline missed.")]


def test_while_the_scheduler_is_down_no_run_starts_and_running_ones_end() -> None:
    def down(params: Params) -> None:
        params.bends.scheduler_down = 12 * MINUTE <= graph.world.now < 55 * MINUTE

    graph = Graph(job("a", 5, every=10 * MINUTE), job("b", after=("a",)))
    graph.bend = down
    graph.until(70)
    # The run of minute 10 ends, b waits; of four due times only the last gets a run.
    assert graph.done == [(15, "a", 10), (56, "b", 15), (60, "a", 50), (61, "b", 60), (65, "a", 60),
                          (66, "b", 65)]  # fmt: skip
    assert graph.world.jobs.scheduler_down_ms == 43 * MINUTE
    assert graph.world.jobs.missed.tolist() == [3, 0]
    assert graph.units["scheduler_waits"] > 0


def hanging(graph: Graph, until: float = 999) -> Graph:
    """Let the next run of job a hang, until the zombie is ended or a minute has come."""

    def bend(params: Params) -> None:
        if graph.world.now < until * MINUTE and not graph.world.jobs.reaped:
            params.bends.hanging_jobs["a"] = "hang"

    graph.bend = bend
    return graph


@pytest.mark.parametrize("catch_up", [True, False])
def test_a_zombie_holds_its_slots_and_due_times_wait_or_are_missed(catch_up: bool) -> None:
    stuck = job("a", 2, every=10 * MINUTE, catch_up=catch_up, timeout=5 * MINUTE, pool="p")
    other = job("c", 2, every=15 * MINUTE, pool="p")
    graph = hanging(Graph(stuck, job("b", after=("a",)), other, pools=(PoolLaw("p", 1),)))
    graph.until(11)
    assert graph.hits["hang"] == 0
    graph.until(35)
    # The timeout is not enforced: the process that would enforce it is gone.
    assert (graph.count(RUNNING, "a"), graph.state("c")) == (1, "queued")
    assert graph.done == []
    assert graph.hits["hang"] > 3
    assert graph.world.jobs.missed.tolist() == [0 if catch_up else 2, 0, 1]
    assert not graph.order("a")
    assert dag.skip(graph.world, graph.params, 0, graph.world.now) == (3 if catch_up else 1)
    assert [end[1:] for end in graph.until(44).done] == [("c", 15), ("a", 40), ("b", 42)]


END_OF_ZOMBIE = {
    "skip": (dag.skip, [40]),
    "clear": (dag.clear, [10, 40]),
    "restart of the scheduler": (
        lambda world, params, i, t: zombies.reset_orphans(world, params), [10, 40],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", END_OF_ZOMBIE)
def test_a_zombie_is_ended_by_hand(name: str) -> None:
    end, read = END_OF_ZOMBIE[name]
    graph = hanging(Graph(job("a", 2, every=10 * MINUTE))).until(35)
    assert end(graph.world, graph.params, 0, graph.world.now)
    assert graph.world.jobs.reaped == {"a": 1}
    assert [data for _, _, data in graph.until(45).done] == read


def test_a_zombie_that_nothing_hides_is_detected_and_retried() -> None:
    retried = job("a", 2, every=10 * MINUTE, retries=1, retry_delay=MINUTE)
    graph = hanging(Graph(retried), until=35).until(39)
    assert [text for _, _, text in graph.notes if "Detected zombie job" in text]
    assert [data for _, _, data in graph.done] == [10]
    assert graph.world.jobs.failed.tolist() == [0]


def test_a_job_that_runs_several_at_once_goes_on_beside_its_zombie() -> None:
    two = job("a", 2, every=10 * MINUTE, at_once=2)
    graph = hanging(Graph(two)).until(31)
    assert not graph.order("a"), "the zombie and the run of minute 30"
    assert graph.until(33).order("a")
    assert [data for _, _, data in graph.until(39).done] == [20, 30, 33]
    assert graph.count(RUNNING) == 1


def test_a_zombie_does_not_land_before_its_run_would_have_ended() -> None:
    graph = hanging(Graph(job("a", 25, every=10 * MINUTE, catch_up=True, at_once=0)))
    assert not graph.until(34).hits
    assert graph.until(36).hits == {"hang": 1}


# -- pauses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("catch_up", "made_up"), [(False, [30]), (True, [20, 30])], ids=["newest", "all"]
)
def test_a_paused_job_starts_nothing_and_makes_up_for_it(
    catch_up: bool, made_up: list[int]
) -> None:
    graph = Graph(job("a", 2, every=10 * MINUTE, catch_up=catch_up), job("b", after=("a",)))
    pausing.pause(graph.until(11).world, 0)
    # The run of minute 10 goes on, and b follows it.
    assert [end[1] for end in graph.until(34).done] == ["a", "b"]
    assert graph.order("a"), "an order by hand is no part of the schedule"
    graph.until(37)
    assert pausing.resume(graph.world, graph.params, 0) == 2
    graph.until(49)
    read = [data for _, name, data in graph.done if name == "a"]
    assert read == [10, 34, *made_up, 40]
    assert graph.world.jobs.missed[0] == 2 - len(made_up)


def test_a_paused_job_downstream_runs_once_for_the_newest_input() -> None:
    graph = Graph(job("a", 2, every=10 * MINUTE), job("b", after=("a",)))
    pausing.pause(graph.world, 1)
    assert {end[1] for end in graph.until(35).done} == {"a"}
    assert graph.world.jobs.missed.tolist() == [0, 2]
    assert not pausing.resume(graph.world, graph.params, 1)
    assert [end[1:] for end in graph.until(37).done[3:]] == [("b", 32)]


def herd(at_once: int, slots: int = 32) -> Graph:
    """Two hours without a scheduler, then every missed run on a pool with capacity for four."""

    def down(params: Params) -> None:
        params.bends.scheduler_down = graph.world.now < 120 * MINUTE

    many = job("a", 4, every=5 * MINUTE, catch_up=True, at_once=at_once, pool="warehouse",
               timeout=15 * MINUTE, retries=1, retry_delay=MINUTE)  # fmt: skip
    other = job("b", 4, every=20 * MINUTE, pool="warehouse", timeout=15 * MINUTE)
    graph = Graph(many, other, pools=(PoolLaw("warehouse", slots, full_speed=4),))
    graph.bend = down
    return graph.until(240)


def test_catching_up_all_missed_runs_at_once_is_a_thundering_herd() -> None:
    unbounded, capped = herd(0), herd(3)
    assert unbounded.peak_running >= 24
    assert capped.peak_running <= 4
    # At a sixth of the speed every run times out, also of the other job.
    assert capped.world.jobs.failed.tolist() == [0, 0]
    assert unbounded.world.jobs.failed[0] >= 24
    assert unbounded.world.jobs.failed[1] > 0
    assert unbounded.world.jobs.succeeded[0] < capped.world.jobs.succeeded[0]
    # As many slots as the machines can carry have the effect of the cap.
    assert herd(0, slots=4).world.jobs.failed.tolist() == [0, 0]


# -- pools -------------------------------------------------------------------------------------


def test_slots_go_by_priority_and_then_by_age() -> None:
    pool = (PoolLaw("p", 1),)
    graph = Graph(job("a", 3, pool="p"), job("b", pool="p"), job("c", pool="p", priority=9),
                  pools=pool, tick=5000)  # fmt: skip
    assert all(graph.order(name) for name in "abc")
    graph.until(0.5)
    assert (graph.count(RUNNING, "c"), graph.count(QUEUED)) == (1, 2)
    assert [end[:2] for end in graph.until(10).done] == [(1, "c"), (4, "a"), (5, "b")]


def test_a_run_of_many_slots_starves_while_small_ones_pass() -> None:
    graph = Graph(job("a", 3, pool="p"), job("b", pool="p", slots=2, priority=5),
                  pools=(PoolLaw("p", 2),))  # fmt: skip
    graph.order("a")
    graph.until(1)
    graph.order("b")
    graph.until(2)
    assert graph.state("b") == "queued"
    assert [end[:2] for end in graph.until(10).done] == [(3, "a"), (4, "b")]


def test_runs_share_the_capacity_behind_a_pool() -> None:
    """Processor sharing by hand: a alone for a minute, both for four, then b alone."""
    graph = Graph(job("a", 3, pool="p"), job("b", 3, pool="p"), pools=(PoolLaw("p", 9, 1),))
    graph.order("a")
    graph.until(1)
    graph.order("b")
    assert [end[:2] for end in graph.until(10).done] == [(5, "a"), (6, "b")]


def test_runs_wait_for_slots_that_others_hold() -> None:
    def taken(params: Params) -> None:
        params.bends.taken_slots = (
            [TakenSlots("others", "p", 2)] if graph.world.now < 30 * MINUTE else []
        )

    graph = Graph(job("a", every=10 * MINUTE, pool="p"), pools=(PoolLaw("p", 2),))
    graph.bend = taken
    graph.until(28)
    assert (graph.done, graph.state("a")) == ([], "queued")
    assert graph.hits["others"] > 0
    assert graph.until(35).done == [(31, "a", 10)]
    graph.world.jobs.slots["p"] = 0
    assert graph.until(55).done[1:] == []


@pytest.mark.parametrize("failing_job, lost", [("a", [0, 1, 1, 1]), ("bc", [0, 0, 0, 1])])
def test_a_job_downstream_by_two_paths_is_lost_once_a_cycle(failing_job: str, lost: Any) -> None:
    a = job("a", 0.5, every=10 * MINUTE)
    b, c = job("b", after=("a",)), job("c", 2, after=("a",))
    graph = Graph(a, b, c, job("d", after=("b", "c")))

    def bend(params: Params) -> None:
        params.bends.job_failures.update(
            {name: [JobFailure("down", "down")] for name in failing_job}
        )

    graph.bend = bend
    graph.until(19)
    assert graph.world.jobs.upstream_failed.tolist() == lost
    assert graph.until(29).world.jobs.upstream_failed.tolist() == [2 * n for n in lost]


# -- attempts ----------------------------------------------------------------------------------


def test_retries_back_off_up_to_a_longest_wait() -> None:
    law = job("a", retries=4, retry_delay=MINUTE, retry_factor=3.0, retry_delay_max=5 * MINUTE)
    graph = Graph(law, job("b", after=("a",)), job("c", after=("b",)), tick=1000)
    graph.order("a", outcome="failed: no")
    graph.until(30)
    retries = [minute for minute, _, text in graph.notes if "UP_FOR_RETRY" in text]
    # Attempts of a minute with waits of 1, 3, 5, 5 between them.
    assert retries == [1, 3, 7, 13]
    assert [m for m, _, text in graph.notes if "as FAILED" in text] == [19]
    assert (graph.state("b"), graph.state("c")) == ("upstream_failed", "upstream_failed")
    assert graph.world.jobs.upstream_failed.tolist() == [0, 1, 1]
    assert STATES[UPSTREAM_FAILED] == "upstream_failed"


def test_a_run_ordered_by_hand_replaces_one_that_waits_and_not_one_that_runs() -> None:
    graph = Graph(job("a", 2, retries=3, retry_delay=HOUR))
    assert graph.order("a", outcome="failed: no")
    graph.until(1)
    assert not graph.order("a")
    graph.until(3)
    assert graph.count(UP_FOR_RETRY) == 1
    assert graph.order("a")
    assert [end[0] for end in graph.until(6).done] == [2, 5]
    assert graph.world.jobs.runs == []


# -- landing of faults --------------------------------------------------------------------------


def test_only_a_starting_attempt_is_refused() -> None:
    graph = Graph(job("a", 2, every=10 * MINUTE))

    def refuse(params: Params) -> None:
        if graph.world.now >= 11 * MINUTE:
            params.bends.job_failures["a"] = [
                JobFailure("first", "no"),
                JobFailure("second", "never"),
            ]

    graph.bend = refuse
    assert graph.until(15).done == [(12, "a", 10)]
    assert not graph.hits, "the run had started before the fault"
    graph.until(25)
    # Either fault would fail the attempt; the first gives the error.
    assert graph.hits == {"first": 1, "second": 1}
    assert [text.rpartition(": ")[2] for _, _, text in graph.notes] == ["no"]


def test_a_run_that_waits_for_our_slots_does_not_wait_for_others() -> None:
    two = (job("a", 25, every=10 * MINUTE, pool="p"), job("b", every=10 * MINUTE, pool="p"))
    graph = Graph(*two, pools=(PoolLaw("p", 2), PoolLaw("q", 1)))

    def taken(params: Params) -> None:
        params.bends.taken_slots = [TakenSlots("elsewhere", "q", 1)]
        if graph.world.now >= 15 * MINUTE:
            params.bends.taken_slots.append(TakenSlots("others", "p", 1))

    graph.bend = taken
    graph.until(19)
    assert not graph.hits, "no run waits"
    graph.until(22)
    assert set(graph.hits) == {"others"}
    narrow = Graph(*two, pools=(PoolLaw("p", 1),))
    narrow.bend = lambda params: params.bends.taken_slots.append(TakenSlots("others", "p", 0))
    assert narrow.until(15).count(QUEUED) == 1
    assert not narrow.hits, "our own runs hold the slot"


# -- sensors -----------------------------------------------------------------------------------


def sensing(mode: str, until: float, **fields: Any) -> Graph:
    """A sensor whose source delivers nothing before minute 12."""

    def bend(params: Params) -> None:
        params.bends.missing_sources = (
            [MissingSource("late", "feed")] if graph.world.now < 12 * MINUTE else []
        )

    law = job("a", every=10 * MINUTE, needs=("feed",), pool="p",
              sensor=SensorLaw(MINUTE, mode=mode, **fields))  # fmt: skip
    other = job("b", after=("a",))
    graph = Graph(law, other, pools=(PoolLaw("p", 1),))
    graph.bend = bend
    return graph.until(until)


@pytest.mark.parametrize(
    ("mode", "state"),
    [("poke", RUNNING), ("reschedule", UP_FOR_RESCHEDULE), ("defer", DEFERRED)],
)
def test_each_mode_of_a_sensor_waits_in_its_own_state(mode: str, state: int) -> None:
    graph = sensing(mode, 11)
    assert graph.count(state) == 1
    graph.until(15)
    # It checks at minutes 10, 11, 12 and 13, when the data exist.
    assert graph.done == [(14, "a", 10), (15, "b", 14)]
    assert graph.hits["late"] == 3


@pytest.mark.parametrize(("soft", "states"), [
    (True, ("skipped", "skipped")), (False, ("failed", "upstream_failed")),
])  # fmt: skip
def test_a_sensor_times_out(soft: bool, states: tuple[str, str]) -> None:
    graph = sensing("reschedule", 12, timeout=90_000, soft_fail=soft)
    assert (graph.state("a"), graph.state("b")) == states
    (note,) = (text for _, _, text in graph.notes)
    assert "AirflowSensorTimeout" in note
    assert graph.done == []


def test_a_sensor_waits_for_the_same_due_time_of_another_job() -> None:
    graph = Graph(
        job("join", 7, every=20 * MINUTE),
        job("fill", every=20 * MINUTE, needs=("join",), sensor=SensorLaw(2 * MINUTE)),
    )
    assert graph.until(35).done == [(27, "join", 20), (29, "fill", 20)]


# -- orders --------------------------------------------------------------------------------------


def test_a_backfill_runs_a_bounded_number_at_once() -> None:
    graph = Graph(job("a", 2, every=10 * MINUTE, pool="p"), pools=(PoolLaw("p", 8),)).until(61)
    graph.done.clear()
    dues = dag.due_times(graph.params, 0, 5 * MINUTE, 50 * MINUTE)
    assert [due // MINUTE for due in dues] == [10, 20, 30, 40, 50]
    dag.backfill(graph.world, graph.params, 0, graph.world.now, dues, 2)
    graph.until(69)
    # The scheduled run of minute 60 does not count towards the cap.
    assert graph.done == [(62, "a", 60), (63, "a", 10), (63, "a", 20), (65, "a", 30), (65, "a", 40),
                          (67, "a", 50)]  # fmt: skip


def test_skipped_runs_skip_their_downstream_jobs() -> None:
    graph = Graph(job("a", 5, pool="p"), job("b", after=("a",)), pools=(PoolLaw("p", 1),))
    graph.order("a")
    graph.until(2)
    assert dag.skip(graph.world, graph.params, 0, graph.world.now) == 1
    assert (graph.state("a"), graph.state("b")) == ("skipped", "skipped")
    assert graph.world.jobs.skipped.tolist() == [1, 1]
    assert graph.until(10).done == []
    assert STATES[SKIPPED] == "skipped"


def test_a_cleared_run_is_repeated_on_the_same_data() -> None:
    graph = Graph(job("a", every=HOUR), job("b", after=("a",))).until(62)
    assert dag.clear(graph.world, graph.params, 0, graph.world.now)
    assert not dag.clear(graph.world, graph.params, 0, graph.world.now)
    assert graph.until(65).done == [(61, "a", 60), (62, "b", 61), (63, "a", 60), (64, "b", 63)]
    assert graph.world.jobs.run_number.tolist() == [1, 2]


# -- laws --------------------------------------------------------------------------------------

JOBS = st.fixed_dictionaries({
    "minutes": st.integers(1, 12), "every": st.sampled_from([3, 5, 8]),
    "retries": st.integers(0, 2), "retry_delay": st.sampled_from([0, 20_000, 90_000]),
    "priority": st.integers(1, 3), "slots": st.integers(1, 2), "at_once": st.integers(0, 3),
    "timeout": st.sampled_from([0, 13 * MINUTE]), "catch_up": st.booleans(),
})  # fmt: skip


@given(st.lists(JOBS, min_size=1, max_size=3), st.integers(2, 5), st.sampled_from([0, 2]))
@settings(max_examples=40, deadline=None)
def test_slots_and_caps_are_kept_and_no_tick_moves_a_run(
    jobs: list[dict[str, Any]], slots: int, full_speed: int
) -> None:
    def graph(tick: int) -> Graph:
        all_jobs = [
            job(f"j{i}", **{**fields, "every": fields["every"] * MINUTE}, pool="p")
            for i, fields in enumerate(jobs)
        ]
        return Graph(*all_jobs, pools=(PoolLaw("p", slots, full_speed),), tick=tick)

    fine, coarse = graph(5000), graph(60_000)
    coarse.until(45)
    for minute in range(1, 46):
        fine.until(minute)
        columns = fine.world.jobs
        used = sum(fine.params.jobs[r.job].slots for r in columns.runs if r.state == RUNNING)
        assert used <= slots
        for i, law in enumerate(fine.params.jobs):
            active = [r for r in unfinished(columns, i) if r.state != SCHEDULED]
            assert not law.at_once or len(active) <= law.at_once
        for run in columns.runs:
            # Each run has a next event or waits for a slot.
            assert run.next_at < NEVER or run.state in (SCHEDULED, QUEUED)
    assert fine.done == coarse.done
    assert fine.world.jobs.failed.tolist() == coarse.world.jobs.failed.tolist()


def test_a_tick_without_due_times_does_nothing() -> None:
    graph = Graph(job("a", every=HOUR)).until(1)
    assert graph.world.jobs.wake_at == HOUR
