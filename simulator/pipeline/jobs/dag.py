"""The batch graph: schedules, due times and orders of jobs, in Airflow's words.

A job with a schedule runs by itself; a job without one runs when all its upstream jobs have
succeeded, or when it is ordered. `scheduler` moves the runs on.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.jobs import cycles, pools, zombies
from simulator.pipeline.jobs.job_runs import (
    NEVER,
    NONE,
    RUNNING,
    SKIPPED,
    TIMED_WAITS,
    UPSTREAM_FAILED,
    JobColumns,
    JobRun,
    unfinished,
)
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World

# The component that starts runs; it has an owner like any other.
SCHEDULER = "scheduler"
DAY_MS = 24 * 3_600_000


def initial_columns(
    jobs: tuple[JobLaw, ...], start: int, laws: tuple[PoolLaw, ...] = ()
) -> JobColumns:
    """All jobs without a run, their due times counted from `start`, ms."""

    def column(value: int) -> NDArray[np.int64]:
        return np.full(len(jobs), value, np.int64)

    return JobColumns(
        last_state=np.full(len(jobs), NONE, np.int8),
        next_due=np.array([next_due(job, start) for job in jobs], np.int64),
        run_number=column(0),
        succeeded=column(0),
        failed=column(0),
        upstream_failed=column(0),
        skipped=column(0),
        missed=column(0),
        missed_deadlines=column(0),
        last_success=column(start),
        last_duration=column(0),
        last_delay=column(0),
        data_until=column(start),
        propagated_cycle=column(NEVER),
        upstream_done=[{} for _ in jobs],
        last_run=[None for _ in jobs],
        slots={law.name: law.slots for law in laws},
    )


def trigger(world: World, params: Params, name: str, t: int, args: Mapping[str, Any]) -> bool:
    """Order a run at `t`, ms; False if as many run as may. It replaces a run between attempts."""
    i, columns = index(params, name), world.jobs
    runs = unfinished(columns, i, group=0)
    running = sum(run.state == RUNNING for run in runs)
    if running >= (params.jobs[i].at_once or running + 1):
        return False
    for run in runs:
        if run.state in TIMED_WAITS:
            columns.runs.remove(run)
    create_run(world, params, i, t, t, args, cycle=NEVER)
    return True


def create_run(
    world: World,
    params: Params,
    i: int,
    t: int,
    data_time: int,
    args: Mapping[str, Any] | None = None,
    *,
    due: int | None = None,
    number: int = 0,
    max_active: int | None = None,
    group: int = 0,
    cycle: int | None = None,
) -> JobRun:
    """Create a run at `t`, ms, for the data up to `data_time`, by default in its due cycle."""
    job, columns = params.jobs[i], world.jobs
    if not number:
        columns.run_number[i] += 1
        number = int(columns.run_number[i])
    due = t if due is None else due
    run = JobRun(
        job=i,
        number=number,
        data_time=data_time,
        due=due,
        cycle=due if cycle is None else cycle,
        max_active=job.at_once if max_active is None else max_active,
        group=group,
        next_at=t,
        deadline_at=due + job.deadline if job.deadline else NEVER,
        args=dict(args or {}),
    )
    columns.runs.append(run)
    cycles.open_cycle(params, columns, run)
    columns.wake_at = min(columns.wake_at, t)
    return run


def skip(world: World, params: Params, i: int, t: int) -> int:
    """Skip a job's unfinished runs at `t`, ms, and the downstream jobs; returns the runs."""
    columns = world.jobs
    runs = unfinished(columns, i)
    for run in runs:
        _kill(columns, params, run, t)
        columns.last_run[i] = run
    propagate(params, columns, i, SKIPPED, len(runs))
    columns.wake_at = -NEVER
    return len(runs)


def clear(world: World, params: Params, i: int, t: int) -> bool:
    """Repeat a job's oldest running run at `t`, ms, else its last run, on the same data.

    Returns
    -------
    bool
        False if none has started, or one waits to start.
    """
    columns, last = world.jobs, world.jobs.last_run[i]
    run = next((run for run in unfinished(columns, i) if run.state == RUNNING), last)
    if run is None or (run is last and unfinished(columns, i, run.group)):
        return False
    if run is not last:
        _kill(columns, params, run, t)
    create_run(
        *(world, params, i, t, run.data_time, run.args),
        due=run.due,
        number=run.number,
        max_active=run.max_active,
        group=run.group,
        cycle=run.cycle,
    )
    return True


def _kill(columns: JobColumns, params: Params, run: JobRun, t: int) -> None:
    """Remove an unfinished run, with what it holds."""
    columns.runs.remove(run)
    zombies.reap(columns, params, run)
    if pool := params.jobs[run.job].pool:
        pools.share_capacity(params, columns, pool, t)


def due_times(params: Params, i: int, first: int, last: int) -> list[int]:
    """A job's due times from `first` to `last`, ms, both included."""
    dues = [next_due(params.jobs[i], first - 1)]
    while dues[-1] <= last:
        dues.append(next_due(params.jobs[i], dues[-1]))
    return dues[:-1]


def backfill(
    world: World, params: Params, i: int, t: int, dues: list[int], max_active: int
) -> None:
    """Create a job's runs for past due times, of which `max_active` run together (0: all)."""
    world.jobs.backfills += 1
    group = world.jobs.backfills
    for due in dues:
        create_run(world, params, i, t, due, due=due, max_active=max_active, group=group)


def index(params: Params, name: str) -> int:
    """A job's number; KeyError if there is no such job."""
    for i, job in enumerate(params.jobs):
        if job.name == name:
            return i
    raise KeyError(name)


def find_job(params: Params, does: str) -> JobLaw | None:
    """The first job of a kind (`train`, `release`, ...), None if the pipeline has none."""
    return next((job for job in params.jobs if job.does == does), None)


def next_due(job: JobLaw, t: int) -> int:
    """The first due time later than `t`, ms; NEVER without a schedule."""
    if job.every:
        return (t // job.every + 1) * job.every
    return job.cron.after(t) if job.cron is not None else NEVER


def format_time_of_day(params: Params, t: int) -> str:
    """A time as in the logs of jobs: `hh:mm:ss` of the scenario's day."""
    seconds = (params.start_ms_of_day + t) % DAY_MS // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def period(world: World, params: Params, i: int) -> int:
    """From a job's next due time to the one after it, ms; NEVER without a schedule."""
    if params.jobs[i].every:
        return params.jobs[i].every
    first = int(world.jobs.next_due[i])
    return NEVER if first == NEVER else next_due(params.jobs[i], first) - first


def propagate(
    params: Params, columns: JobColumns, i: int, state: int, runs: int, cycle: int = NEVER
) -> None:
    """Give `runs` runs of a job and of all its downstream jobs a final state; they do not run.

    Each job gets it once, by however many paths it is downstream, and once a cycle (a due time,
    ms) however many of its upstream jobs failed.
    """
    if not runs:
        return
    counts = {SKIPPED: columns.skipped, UPSTREAM_FAILED: columns.upstream_failed}
    visited, stack = set[int](), [i]
    while stack:
        k = stack.pop()
        if k in visited or (cycle != NEVER and columns.propagated_cycle[k] == cycle):
            continue
        visited.add(k)
        columns.propagated_cycle[k] = cycle
        columns.last_state[k] = state
        counts[state][k] += runs
        stack += cycles.downstream(params, k)
