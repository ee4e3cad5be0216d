"""One tick of the batch graph: runs wait, start, end, in order of time.

A run is *scheduled* as soon as it could begin, *queued* when so many of its kind may be under
way, and *running* once its pool has a slot. What a run *does* when it succeeds is given to
`step` by name (`materialize`, `label_join`, `train`, ...): the graph knows no data. While the
scheduler is down nothing starts; what runs goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulator.pipeline.jobs import cycles, pools, sensors
from simulator.pipeline.jobs.dag import begin, next_due, of_day, pass_down
from simulator.pipeline.jobs.job_runs import (
    DEFERRED,
    FAILED,
    NEVER,
    QUEUED,
    RUNNING,
    SCHEDULED,
    SKIPPED,
    SUCCESS,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
    UPSTREAM_FAILED,
    JobRun,
    under_way,
)
from simulator.pipeline.jobs.laws import JobLaw, SensorLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

# An attempt that is refused (no credential, no input) ends as soon as it has asked.
REFUSED_AFTER = 15_000


class Work(NamedTuple):
    """What a run does that has not been refused."""

    job: JobLaw
    args: Mapping[str, Any]
    data_time: int  # ms up to which it reads
    seed: int
    sample: Sample  # a fault that bites on the work is hit there


Effect = Callable[[World, Params, Work], str]


def step(
    world: World,
    params: Params,
    until: int,
    effects: Mapping[str, Effect],
    seed: int,
    sample: Sample,
) -> None:
    """Everything in the batch graph that falls due up to `until`, in order of time."""
    columns = world.jobs
    if params.bends.scheduler_down:
        columns.silent += sample.dt
    taken = Counter[str]()
    for holder in params.bends.taken_slots:
        taken[holder.pool] += holder.slots
    if taken != columns.taken:
        columns.taken = dict(taken)
    if columns.wake_at <= until:
        Tick(world, params, effects, seed, sample).live(until)


class Tick:
    """The batch graph in one tick: events in order of time, ends before beginnings."""

    def __init__(
        self,
        world: World,
        params: Params,
        effects: Mapping[str, Effect],
        seed: int,
        sample: Sample,
    ) -> None:
        self.world, self.params, self.effects, self.sample = world, params, effects, sample
        self.seed, self.columns = seed, world.jobs

    def live(self, until: int) -> None:
        """Go through everything up to `until`."""
        columns, now = self.columns, self.sample.t
        # Slots may have come since the last tick, and runs that others waited for may be gone.
        moved = any(run.at == NEVER for run in columns.runs)
        while True:
            t, kind, which = self.next()
            # What waited for the scheduler happens when it is back.
            t = max(t, self.sample.t)
            if moved and t > now:
                # Everything of one moment first, and then who gets what.
                moved = False
                if not self.params.bends.scheduler_down:
                    self.admit(now)
                continue
            if t > until:
                break
            now, moved = t, True
            if kind == 0:
                self.end(columns.runs[which], t)
            elif kind == 1:
                self.due(which, t)
            elif kind == 2:
                self.wake(columns.runs[which], t)
            else:
                self.be_late(columns.runs[which])
        waiting = any(run.at == NEVER for run in columns.runs)
        columns.wake_at = -NEVER if waiting or self.params.bends.scheduler_down else t

    def next(self) -> tuple[int, int, int]:
        """What comes next: when, which kind, and the run's place or the job's number."""
        columns, found = self.columns, (NEVER, 9, 0, 0)
        for place, run in enumerate(columns.runs):
            if run.state == RUNNING:
                found = min(found, (run.at, 0, run.job, place))
            elif run.at < NEVER:
                found = min(found, (run.at, 2, run.job, place))
            if run.late_at < NEVER:
                found = min(found, (run.late_at, 3, run.job, place))
        if len(columns.next_due):
            i = int(columns.next_due.argmin())
            found = min(found, (int(columns.next_due[i]), 1, i, i))
        if self.params.bends.scheduler_down and found[1]:
            if found[0] <= self.world.now:
                self.count("scheduler_waits")
            ends = [(r.at, 0, p) for p, r in enumerate(columns.runs) if r.state == RUNNING]
            return min(ends, default=(NEVER, 0, 0))
        return found[0], found[1], found[3]

    def due(self, i: int, t: int) -> None:
        """A schedule's time has come, or several have that nobody has looked at since."""
        job, columns = self.params.jobs[i], self.columns
        dues = []
        while columns.next_due[i] <= t:
            dues.append(int(columns.next_due[i]))
            # The schedule goes on even where this run fails: Airflow's runs do not wait.
            columns.next_due[i] = next_due(job, dues[-1])
        mine = under_way(columns, i, group=0)
        full = bool(job.at_once) and len(mine) >= job.at_once and not job.catch_up
        # One that catches up has its runs later: `admit` lets them wait.
        stuck = job.name in self.params.bends.stuck_jobs and not job.catch_up
        if stuck and not full:
            self.count(f"job_stuck/{job.name}")
        if full or stuck:
            columns.missed[i] += len(dues)
            return
        if not job.catch_up:
            columns.missed[i] += len(dues) - 1
            dues = dues[-1:]
        for due in dues:
            begin(self.world, self.params, i, t, due, due=due)

    def wake(self, run: JobRun, t: int) -> None:
        """A wait is over, by the clock: what is left is to get a slot."""
        name = self.params.jobs[run.job].name
        if run.state == UP_FOR_RETRY and name in self.params.bends.stuck_jobs:
            self.count(f"job_stuck/{name}")
            run.at = next_due(self.params.jobs[run.job], t)
            return
        run.at = NEVER
        if run.state != SCHEDULED:
            run.state = QUEUED

    def admit(self, t: int) -> None:
        """Runs get what they wait for, the most important first, then the oldest."""
        jobs, columns = self.params.jobs, self.columns
        begun = Counter((r.job, r.group) for r in columns.runs if r.state != SCHEDULED)
        left = {pool: pools.open_slots(self.params, columns, pool) for pool in columns.slots}
        for run in sorted(
            (r for r in columns.runs if r.state in (SCHEDULED, QUEUED) and r.at == NEVER),
            key=lambda r: (-jobs[r.job].priority, r.due, r.job, r.number),
        ):
            if run.state == SCHEDULED:
                if run.cap and begun[run.job, run.group] >= run.cap:
                    continue
                if jobs[run.job].name in self.params.bends.stuck_jobs and not run.group:
                    self.count(f"job_stuck/{jobs[run.job].name}")
                    continue
                begun[run.job, run.group] += 1
                run.state = QUEUED
            pool, slots = jobs[run.job].pool, jobs[run.job].slots
            if pool and left[pool] < slots:
                self.crowd_out(pool, left[pool], slots)
                continue
            self.start(run, t)
            if pool and run.state == RUNNING:
                left[pool] -= slots

    def crowd_out(self, pool: str, left: int, slots: int) -> None:
        """A run waits for slots that a pool has not left; for others' only if those would do."""
        if left + self.columns.taken.get(pool, 0) >= slots:
            for holder in self.params.bends.taken_slots:
                if holder.pool == pool:
                    self.sample.hit(holder.fault, 1)

    def start(self, run: JobRun, t: int) -> None:
        """A run has its slot: it looks for its data, or works."""
        job, params = self.params.jobs[run.job], self.params
        run.sensing = False
        if job.sensor is not None and not sensors.there(self.world, params, job, run):
            self.sense(run, job.sensor, t)
            return
        run.waits_since = NEVER
        if not run.attempt:
            self.columns.last_delay[run.job] = t - run.due
        run.attempt += 1
        run.started = run.since = t
        run.why = self.refusal(job)
        run.left = min(job.duration, REFUSED_AFTER) if run.why else job.duration
        run.stops = t + job.timeout if job.timeout and not run.why else NEVER
        run.speed = 1.0
        run.state = RUNNING
        run.at = pools.ends(run)
        if job.pool:
            pools.share(params, self.columns, job.pool, t)

    def refusal(self, job: JobLaw) -> str:
        """Why an attempt that begins now will fail: by the first that refuses it, if any does."""
        failures = self.params.bends.job_failures.get(job.name, [])
        for failure in failures:
            self.sample.hit(failure.fault, 1)
        return failures[0].error if failures else self.params.bends.no_space.get(job.name, "")

    def sense(self, run: JobRun, law: SensorLaw, t: int) -> None:
        """Its data are not there: look again later, or give up."""
        job = self.params.jobs[run.job]
        run.waits_since = min(run.waits_since, t)
        for absence in self.params.bends.missing_sources:
            if absence.source in job.needs:
                self.sample.hit(absence.fault, 1)
        if law.timeout and t >= run.waits_since + law.timeout:
            self.columns.runs.remove(run)
            self.columns.last[run.job] = run
            if law.soft_fail:
                pass_down(self.params, self.columns, run.job, SKIPPED, 1, run.cycle)
                self.say(run, "INFO", "Marking task as SKIPPED.", sensors.TIMED_OUT)
            else:
                self.give_up(run, sensors.TIMED_OUT)
            return
        run.state = {"poke": RUNNING, "defer": DEFERRED}.get(law.mode, UP_FOR_RESCHEDULE)
        run.sensing = run.state == RUNNING
        run.at = t + law.poke
        if law.timeout:
            run.at = min(run.at, run.waits_since + law.timeout)

    def end(self, run: JobRun, t: int) -> None:
        """An attempt ends: it has worked, it is refused, or it has taken too long."""
        job, columns, i = self.params.jobs[run.job], self.columns, run.job
        if run.sensing:
            self.start(run, t)
            return
        # Less than a millisecond is left of a run that shared its machines, by rounding.
        if not run.why and pools.left(run, t) >= 1.0:
            run.why = f"AirflowTaskTimeout: Timeout, PID: {4000 + i}"
        columns.last_duration[i] = t - run.started
        said = run.why
        if not said:
            work = Work(job, run.args, run.data_time, self.seed, self.sample)
            said = self.effects[job.does](self.world, self.params, work)
            if not said.startswith("failed: "):
                self.succeed(run, t, said)
                return
            said = said.removeprefix("failed: ")
        if run.attempt <= job.retries:
            wait = job.retry_delay * job.retry_factor ** (run.attempt - 1)
            run.at = t + int(min(wait, job.retry_delay_max or wait))
            run.state = UP_FOR_RETRY
            self.say(run, "WARNING", "Marking task as UP_FOR_RETRY.", said)
        else:
            columns.runs.remove(run)
            columns.last[i] = run
            self.give_up(run, said)
        if job.pool:
            pools.share(self.params, columns, job.pool, t)

    def give_up(self, run: JobRun, said: str) -> None:
        """A run has failed, and with it what comes after."""
        columns, i = self.columns, run.job
        columns.ended[i] = run.state = FAILED
        columns.failed[i] += 1
        self.say(run, "ERROR", "Marking task as FAILED.", said)
        cycles.failed(self.params, columns, run)
        for k in cycles.children(self.params, i):
            pass_down(self.params, columns, k, UPSTREAM_FAILED, 1, run.cycle)

    def succeed(self, run: JobRun, t: int, said: str) -> None:
        """A run has done its work, and what comes after can begin."""
        job, columns, i = self.params.jobs[run.job], self.columns, run.job
        columns.runs.remove(run)
        columns.last[i] = run
        columns.ended[i] = run.state = SUCCESS
        columns.succeeded[i] += 1
        columns.last_success[i] = t
        columns.through[i] = max(columns.through[i], run.data_time)
        if said:
            self.sample.notes.append((job.name, "INFO", said))
        if job.pool:
            pools.share(self.params, columns, job.pool, t)
        for k, cycle in cycles.succeeded(self.params, columns, run, t):
            begin(self.world, self.params, k, t, t, run.args, cycle=cycle)

    def be_late(self, run: JobRun) -> None:
        """A deadline passes, and the run has not ended."""
        run.late_at = NEVER
        self.columns.late[run.job] += 1
        self.say(run, "WARNING", "Deadline missed.", f"due since {of_day(self.params, run.due)}")

    def count(self, unit: str) -> None:
        self.sample.units[unit] = self.sample.units.get(unit, 0) + 1

    def say(self, run: JobRun, level: str, what: str, why: str) -> None:
        name = self.params.jobs[run.job].name
        run_id = f"dag_id={name}, task_id={name}, run_id={run.number}"
        self.sample.notes.append((name, level, f"{what} {run_id}: {why}"))
