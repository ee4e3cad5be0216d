"""The batch graph: jobs with schedules, retries and time-outs, in Airflow's words.

A job with a schedule starts by itself; one without runs when a job it comes after has
succeeded, or when somebody orders it. What a run *does* when it succeeds is given to
`step` by name (`materialize`, `label_join`, `train`, ...): the graph knows no data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.pipeline.world import JobColumns, Params, Sample, World

NONE, RUNNING, SUCCESS, FAILED, UP_FOR_RETRY, UPSTREAM_FAILED = range(6)
STATES = ("none", "running", "success", "failed", "up_for_retry", "upstream_failed")
NEVER = 2**62
# An attempt that is refused (no credential, no input) ends as soon as it has asked.
REFUSED_AFTER = 15_000


@dataclass(frozen=True)
class JobLaw:
    """One job as its team wrote it; times in ms, 0 for none."""

    name: str
    does: str
    duration: int
    every: int = 0
    daily_at: int = -1  # ms of the day, -1 for no such schedule
    retries: int = 0
    retry_delay: int = 0
    timeout: int = 0
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    credential: str = ""
    view: str = ""
    build: int = 1


Effect = Callable[[World, Params, JobLaw, Mapping[str, Any], int], str]


def idle(jobs: tuple[JobLaw, ...], start: int, start_ms_of_day: int) -> JobColumns:
    """All jobs at rest, their schedules counted from `start`."""
    count = len(jobs)

    def column(value: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.full(count, value, np.int64)

    columns = JobColumns(
        state=np.zeros(count, np.int8),
        started=column(start),
        ends=column(NEVER),
        attempt=column(0),
        next_due=column(NEVER),
        run=column(0),
        data_time=column(start),
        succeeded=column(0),
        failed=column(0),
        last_success=column(start),
        last_duration=column(0),
        args=[{} for _ in jobs],
        ordered={},
        why=["" for _ in jobs],
    )
    for i, job in enumerate(jobs):
        columns.next_due[i] = _next_due(job, start, start_ms_of_day)
    return columns


def step(
    world: World, params: Params, until: int, effects: Mapping[str, Effect], sample: Sample
) -> None:
    """Everything in the batch graph that falls due up to `until`, in order of time."""
    columns = world.jobs
    while True:
        ends, dues = columns.ends.min(), columns.next_due.min()
        t = min(ends, dues)
        if t > until:
            return
        if ends <= dues:
            _end(world, params, int(columns.ends.argmin()), effects, sample)
        else:
            _start(world, params, int(columns.next_due.argmin()), sample)


def trigger(world: World, params: Params, name: str, t: int, args: Mapping[str, Any]) -> bool:
    """Order a run now; False if one is under way already."""
    i = index(params, name)
    if world.jobs.state[i] == RUNNING:
        return False
    world.jobs.ordered[name] = world.jobs.ordered.get(name, 0) + 1
    world.jobs.next_due[i] = t
    world.jobs.state[i] = NONE
    world.jobs.args[i] = dict(args)
    return True


def index(params: Params, name: str) -> int:
    """A job's number.

    Raises
    ------
    KeyError
        If there is no such job.
    """
    for i, job in enumerate(params.jobs):
        if job.name == name:
            return i
    raise KeyError(name)


def doing(params: Params, does: str) -> JobLaw | None:
    """The job that does a thing, if the pipeline has one."""
    return next((job for job in params.jobs if job.does == does), None)


def _start(world: World, params: Params, i: int, sample: Sample) -> None:
    job, columns = params.jobs[i], world.jobs
    t = int(columns.next_due[i])
    # The schedule goes on even where this run fails: Airflow's runs do not wait for each other.
    columns.next_due[i] = _next_due(job, t, params.start_ms_of_day)
    if columns.state[i] == RUNNING:
        return
    if job.name in params.job_stuck:
        unit = f"job_stuck/{job.name}"
        sample.units[unit] = sample.units.get(unit, 0) + 1
        return
    if columns.state[i] != UP_FOR_RETRY:
        columns.attempt[i] = 0
        columns.run[i] += 1
        columns.data_time[i] = t
    columns.attempt[i] += 1
    columns.state[i] = RUNNING
    columns.started[i] = t
    takes = int(job.duration * params.job_slower.get(job.name, 1.0))
    why = params.job_fails.get(job.name, "")
    if why:
        takes = min(takes, REFUSED_AFTER)
    elif job.timeout and takes > job.timeout:
        takes, why = job.timeout, f"AirflowTaskTimeout: Timeout, PID: {4000 + i}"
    columns.why[i] = why
    columns.ends[i] = t + takes


def _end(
    world: World, params: Params, i: int, effects: Mapping[str, Effect], sample: Sample
) -> None:
    job, columns = params.jobs[i], world.jobs
    t = int(columns.ends[i])
    columns.ends[i] = NEVER
    columns.last_duration[i] = t - columns.started[i]
    sample.units["job_runs"] = sample.units.get("job_runs", 0) + 1
    sample.units[f"job_runs/{job.name}"] = sample.units.get(f"job_runs/{job.name}", 0) + 1
    said = columns.why[i]
    if not said:
        said = effects[job.does](world, params, job, columns.args[i], int(columns.data_time[i]))
        if not said.startswith("failed: "):
            _succeed(world, params, i, t, said, sample)
            return
        columns.why[i] = said = said.removeprefix("failed: ")
    run_id = f"dag_id={job.name}, task_id={job.name}, run_id={columns.run[i]}"
    if columns.attempt[i] <= job.retries:
        columns.state[i] = UP_FOR_RETRY
        columns.next_due[i] = t + job.retry_delay
        sample.notes.append(
            (job.name, "WARNING", f"Marking task as UP_FOR_RETRY. {run_id}: {said}")
        )
        return
    columns.state[i] = FAILED
    columns.failed[i] += 1
    sample.notes.append((job.name, "ERROR", f"Marking task as FAILED. {run_id}: {said}"))
    _fail_downstream(params, columns, job.name)


def _succeed(world: World, params: Params, i: int, t: int, said: str, sample: Sample) -> None:
    job, columns = params.jobs[i], world.jobs
    columns.state[i] = SUCCESS
    columns.succeeded[i] += 1
    columns.last_success[i] = t
    if said:
        sample.notes.append((job.name, "INFO", said))
    for k, other in enumerate(params.jobs):
        if job.name in other.after and not other.every and other.daily_at < 0:
            columns.next_due[k] = t
            columns.args[k] = dict(columns.args[i])
    columns.args[i] = {}


def _fail_downstream(params: Params, columns: JobColumns, name: str) -> None:
    for k, other in enumerate(params.jobs):
        if name in other.after and not other.every and other.daily_at < 0:
            columns.state[k] = UPSTREAM_FAILED
            _fail_downstream(params, columns, other.name)


def _next_due(job: JobLaw, t: int, start_ms_of_day: int) -> int:
    if job.every:
        return (t // job.every + 1) * job.every
    if job.daily_at >= 0:
        day = 24 * 3_600_000
        past = (start_ms_of_day + t - job.daily_at) % day
        return t + day - past
    return NEVER
