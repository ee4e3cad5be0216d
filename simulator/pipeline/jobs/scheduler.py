"""One tick of the batch graph: runs are created, start, end and miss deadlines, in time order.

A run is *scheduled* when it is created, *queued* when its job's cap of active runs admits it,
and *running* once its pool has slots. The effect of a successful run is passed to `step` by
name (`materialize`, `label_join`, `train`, ...): the graph knows no data. While the scheduler
is down nothing starts; running runs go on.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulator.pipeline.bends import MissingSource
from simulator.pipeline.jobs import cycles, missing_inputs, pausing, pools, sensors, zombies
from simulator.pipeline.jobs.dag import create_run, format_time_of_day, next_due, propagate
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
    unfinished,
)
from simulator.pipeline.jobs.laws import JobLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

# Duration of an attempt that is refused (no credential, no input), ms.
REFUSED_AFTER = 15_000
# Kinds of events, in their order within one millisecond: ends come before beginnings.
END, DUE, WAIT_OVER, DEADLINE = range(4)


class Work(NamedTuple):
    """The work of a run that has not been refused."""

    job: JobLaw
    args: Mapping[str, Any]
    data_time: int  # end of the data that it reads, ms
    seed: int
    sample: Sample  # records the hits of faults that change the work
    absent: tuple[MissingSource, ...] = ()  # read though not all was delivered


Effect = Callable[[World, Params, Work], str]


def step(
    world: World,
    params: Params,
    until: int,
    effects: Mapping[str, Effect],
    seed: int,
    sample: Sample,
) -> None:
    """Process every event of the batch graph up to `until`, ms, in time order."""
    columns = world.jobs
    if params.bends.scheduler_down:
        columns.scheduler_down_ms += sample.dt
    columns.delivered = missing_inputs.delivered_share(params)
    taken = Counter[str]()
    for holder in params.bends.taken_slots:
        taken[holder.pool] += holder.slots
    if taken != columns.taken_slots:
        columns.taken_slots = dict(taken)
    if not params.bends.scheduler_down:
        zombies.detect(world, params, sample)
    if columns.wake_at <= until:
        SchedulerTick(world, params, effects, seed, sample).run(until)


class SchedulerTick:
    """The events of the batch graph in one tick."""

    def __init__(
        self, world: World, params: Params, effects: Mapping[str, Effect], seed: int, sample: Sample
    ) -> None:
        self.world, self.params, self.effects, self.sample = world, params, effects, sample
        self.seed, self.columns = seed, world.jobs

    def run(self, until: int) -> None:
        """Process every event up to `until`."""
        columns, now = self.columns, self.sample.t
        # Since the last tick slots may have become free, and runs may have been removed.
        changed = any(run.waits_for_slot for run in columns.runs)
        while True:
            t, kind, index = self.next_event()
            # Events that waited for the scheduler happen when it is back.
            t = max(t, self.sample.t)
            if changed and t > now:
                # Slots are assigned after all events of one millisecond.
                changed = False
                if not self.params.bends.scheduler_down:
                    self.admit(now)
                continue
            if t > until:
                break
            now, changed = t, True
            if kind == END:
                self.end_attempt(columns.runs[index], t)
            elif kind == DUE:
                self.create_due_runs(index, t)
            elif kind == WAIT_OVER:
                self.queue(columns.runs[index])
            else:
                self.miss_deadline(columns.runs[index])
        waiting = any(run.waits_for_slot for run in columns.runs)
        columns.wake_at = -NEVER if waiting or self.params.bends.scheduler_down else t

    def next_event(self) -> tuple[int, int, int]:
        """The next event: its time, its kind, and the run's place or the job's number."""
        columns, event = self.columns, (NEVER, 9, 0, 0)
        for place, run in enumerate(columns.runs):
            if run.state == RUNNING:
                event = min(event, (run.next_at, END, run.job, place))
            elif run.next_at < NEVER:
                event = min(event, (run.next_at, WAIT_OVER, run.job, place))
            if run.deadline_at < NEVER:
                event = min(event, (run.deadline_at, DEADLINE, run.job, place))
        if len(columns.next_due):
            dues = columns.next_due
            if columns.paused:
                dues = dues.copy()
                dues[list(columns.paused)] = NEVER
            i = int(dues.argmin())
            event = min(event, (int(dues[i]), DUE, i, i))
        if self.params.bends.scheduler_down and event[1] != END:
            if event[0] <= self.world.now:
                self.sample.count("scheduler_waits")
            ends = [(r.next_at, END, p) for p, r in enumerate(columns.runs) if r.state == RUNNING]
            return min(ends, default=(NEVER, END, 0))
        return event[0], event[1], event[3]

    def create_due_runs(self, i: int, t: int) -> None:
        """Create the runs of a job's due times up to `t`: several after a scheduler outage."""
        job, columns = self.params.jobs[i], self.columns
        dues = []
        while columns.next_due[i] <= t:
            dues.append(int(columns.next_due[i]))
            # As in Airflow, a failed run does not hold back the schedule.
            columns.next_due[i] = next_due(job, dues[-1])
        runs = unfinished(columns, i, group=0)
        # With catch-up, runs are created all the same, and wait in `admit`.
        if job.at_once and len(runs) >= job.at_once and not job.catch_up:
            zombies.hit(self.sample, runs, len(runs) - job.at_once)
            columns.missed[i] += len(dues)
            return
        if not job.catch_up:
            columns.missed[i] += len(dues) - 1
            dues = dues[-1:]
        for due in dues:
            create_run(self.world, self.params, i, t, due, due=due)

    def queue(self, run: JobRun) -> None:
        """End a timed wait: the run now needs a slot."""
        run.next_at = NEVER
        if run.state != SCHEDULED:
            run.state = QUEUED

    def admit(self, t: int) -> None:
        """Queue and start waiting runs, by priority, then by age."""
        jobs, columns = self.params.jobs, self.columns
        active = Counter((r.job, r.group) for r in columns.runs if r.state != SCHEDULED)
        free = {pool: pools.open_slots(self.params, columns, pool) for pool in columns.slots}
        for run in sorted(
            (run for run in columns.runs if run.waits_for_slot),
            key=lambda r: (-jobs[r.job].priority, r.due, r.job, r.number),
        ):
            if run.state == SCHEDULED:
                spare = run.max_active - active[run.job, run.group]
                if run.max_active and spare <= 0:
                    zombies.hit(self.sample, unfinished(columns, run.job, run.group), -spare)
                    continue
                active[run.job, run.group] += 1
                run.state = QUEUED
            pool, slots = jobs[run.job].pool, jobs[run.job].slots
            if pool and free[pool] < slots:
                zombies.hit_taken_slots(
                    self.columns, self.params, self.sample, pool, free[pool], slots
                )
                continue
            self.start(run, t)
            if pool and run.state == RUNNING:
                free[pool] -= slots

    def start(self, run: JobRun, t: int) -> None:
        """A run has its slots: start an attempt, or sense if its data are not ready."""
        job, params = self.params.jobs[run.job], self.params
        run.poking = False
        forced = bool(run.args.get("force"))
        waits = job.sensor is not None and not forced
        if waits and not sensors.data_ready(self.world, params, job, run):
            self.sense(run, t)
            return
        run.sensing_since = NEVER
        if not run.attempt:
            self.columns.last_delay[run.job] = t - run.due
        run.attempt += 1
        run.started = run.since = t
        run.error = missing_inputs.refusal(params, job, self.sample, forced)
        run.work_left = min(job.duration, REFUSED_AFTER) if run.error else job.duration
        run.timeout_at = t + job.timeout if job.timeout and not run.error else NEVER
        run.speed = 1.0
        run.state = RUNNING
        run.next_at = pools.end_time(run)
        zombies.hang_next(self.columns, params, run)
        if job.pool:
            pools.share_capacity(params, self.columns, job.pool, t)

    def sense(self, run: JobRun, t: int) -> None:
        """A run's data are not ready: check again later, or time out."""
        job = self.params.jobs[run.job]
        law = job.sensor
        assert law is not None
        run.sensing_since = min(run.sensing_since, t)
        missing_inputs.hit_missing(self.params, job, self.sample)
        if law.timeout and t >= run.sensing_since + law.timeout:
            self.finish(run)
            if law.soft_fail:
                propagate(self.params, self.columns, run.job, SKIPPED, 1, run.cycle)
                self.log(run, "INFO", "Marking task as SKIPPED.", sensors.TIMEOUT_ERROR)
            else:
                self.fail(run, sensors.TIMEOUT_ERROR)
            return
        run.state = {"poke": RUNNING, "defer": DEFERRED}.get(law.mode, UP_FOR_RESCHEDULE)
        run.poking = run.state == RUNNING
        run.next_at = t + law.poke
        if law.timeout:
            run.next_at = min(run.next_at, run.sensing_since + law.timeout)

    def end_attempt(self, run: JobRun, t: int) -> None:
        """An attempt ends: it has done its work, is refused, or times out."""
        job, columns = self.params.jobs[run.job], self.columns
        if run.poking:
            self.start(run, t)
            return
        if run.hung_by:
            self.sample.hit(run.hung_by, 1)
            run.next_at = NEVER
            return
        # Less than 1 ms of work left is rounding, of a run that shared its machines.
        if not run.error and pools.work_left(run, t) >= 1.0:
            run.error = f"AirflowTaskTimeout: Timeout, PID: {4000 + run.job}"
        error = run.error
        if not error.startswith(zombies.DETECTED):
            columns.last_duration[run.job] = t - run.started
        if not error:
            absent = missing_inputs.absent(self.params, run)
            work = Work(job, run.args, run.data_time, self.seed, self.sample, absent)
            outcome = self.effects[job.does](self.world, self.params, work)
            if not outcome.startswith("failed: "):
                self.succeed(run, t, outcome)
                return
            error = outcome.removeprefix("failed: ")
        if run.attempt <= job.retries:
            wait = job.retry_delay * job.retry_factor ** (run.attempt - 1)
            run.next_at = t + int(min(wait, job.retry_delay_max or wait))
            run.state = UP_FOR_RETRY
            self.log(run, "WARNING", "Marking task as UP_FOR_RETRY.", error)
        else:
            self.finish(run)
            self.fail(run, error)
        if job.pool:
            pools.share_capacity(self.params, columns, job.pool, t)

    def finish(self, run: JobRun) -> None:
        self.columns.runs.remove(run)
        self.columns.last_run[run.job] = run

    def fail(self, run: JobRun, error: str) -> None:
        """A run fails, and its downstream jobs with it."""
        columns, i = self.columns, run.job
        columns.last_state[i] = run.state = FAILED
        columns.failed[i] += 1
        self.log(run, "ERROR", "Marking task as FAILED.", error)
        cycles.record_failure(self.params, columns, run)
        for k in cycles.downstream(self.params, i):
            propagate(self.params, columns, k, UPSTREAM_FAILED, 1, run.cycle)

    def succeed(self, run: JobRun, t: int, note: str) -> None:
        """A run succeeds: create the downstream runs whose upstream jobs have all succeeded."""
        job, columns, i = self.params.jobs[run.job], self.columns, run.job
        self.finish(run)
        columns.last_state[i] = run.state = SUCCESS
        columns.succeeded[i] += 1
        columns.last_success[i] = t
        columns.data_until[i] = max(columns.data_until[i], run.data_time)
        if note:
            self.sample.notes.append((job.name, "INFO", note))
        if job.pool:
            pools.share_capacity(self.params, columns, job.pool, t)
        args = {key: value for key, value in run.args.items() if key != "force"}
        for k, cycle in cycles.record_success(self.params, columns, run, t):
            pausing.create_downstream_run(self.world, self.params, k, t, args, cycle)

    def miss_deadline(self, run: JobRun) -> None:
        """A deadline passes before its run has ended."""
        run.deadline_at = NEVER
        self.columns.missed_deadlines[run.job] += 1
        due = format_time_of_day(self.params, run.due)
        self.log(run, "WARNING", "Deadline missed.", f"due since {due}")

    def log(self, run: JobRun, level: str, text: str, reason: str) -> None:
        name = self.params.jobs[run.job].name
        run_id = f"dag_id={name}, task_id={name}, run_id={run.number}"
        self.sample.notes.append((name, level, f"{text} {run_id}: {reason}"))
