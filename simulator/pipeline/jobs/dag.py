"""The batch graph: jobs with schedules, pools, sensors and retries, in Airflow's words.

A job with a schedule starts by itself; one without runs when all jobs it comes after have
succeeded, or when somebody orders it. Its laws and what can be ordered stand here; how runs
go on from there in `batch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.jobs import cycles, pools
from simulator.pipeline.jobs.job_runs import (
    NEVER,
    NONE,
    RUNNING,
    SKIPPED,
    UPSTREAM_FAILED,
    WAITING,
    JobColumns,
    JobRun,
    under_way,
)
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World

# What starts runs: the name under which somebody owns it.
SCHEDULER = "scheduler"
DAY_MS = 24 * 3_600_000


def idle(
    jobs: tuple[JobLaw, ...],
    start: int,
    laws: tuple[PoolLaw, ...] = (),
) -> JobColumns:
    """All jobs at rest, their schedules counted from `start`."""

    def column(value: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.full(len(jobs), value, np.int64)

    columns = JobColumns(
        ended=np.full(len(jobs), NONE, np.int8),
        next_due=column(NEVER),
        run=column(0),
        succeeded=column(0),
        failed=column(0),
        upstream_failed=column(0),
        skipped=column(0),
        missed=column(0),
        late=column(0),
        last_success=column(start),
        last_duration=column(0),
        last_delay=column(0),
        through=column(start),
        passed=column(NEVER),
        ordered={},
        fed=[{} for _ in jobs],
        last=[None for _ in jobs],
        slots={law.name: law.slots for law in laws},
    )
    for i, job in enumerate(jobs):
        columns.next_due[i] = next_due(job, start)
    return columns


def trigger(world: World, params: Params, name: str, t: int, args: Mapping[str, Any]) -> bool:
    """Order a run now; False if one is under way already.

    It takes the place of one that waits for another attempt.
    """
    i, columns = index(params, name), world.jobs
    mine = under_way(columns, i, group=0)
    if any(run.state == RUNNING for run in mine):
        return False
    columns.ordered[name] = columns.ordered.get(name, 0) + 1
    for run in mine:
        if run.state in WAITING:
            columns.runs.remove(run)
    begin(world, params, i, t, t, args, cycle=NEVER)
    return True


def begin(
    world: World,
    params: Params,
    i: int,
    t: int,
    data_time: int,
    args: Mapping[str, Any] | None = None,
    *,
    due: int | None = None,
    number: int = 0,
    cap: int | None = None,
    group: int = 0,
    cycle: int | None = None,
) -> JobRun:
    """A run is scheduled at `t`, ms, for the data up to `data_time`.

    It belongs to the cycle of its due time, if nothing else is said.
    """
    job, columns = params.jobs[i], world.jobs
    if not number:
        columns.run[i] += 1
        number = int(columns.run[i])
    due = t if due is None else due
    run = JobRun(
        job=i,
        number=number,
        data_time=data_time,
        due=due,
        cycle=due if cycle is None else cycle,
        cap=job.at_once if cap is None else cap,
        group=group,
        at=t,
        late_at=due + job.deadline if job.deadline else NEVER,
        args=dict(args or {}),
    )
    columns.runs.append(run)
    cycles.opened(params, columns, run)
    columns.wake_at = min(columns.wake_at, t)
    return run


def skip(world: World, params: Params, i: int, t: int) -> int:
    """Give up a job's runs at `t`, ms, and what comes after them; how many there were."""
    columns = world.jobs
    given_up = under_way(columns, i)
    for run in given_up:
        columns.runs.remove(run)
        columns.last[i] = run
    pass_down(params, columns, i, SKIPPED, len(given_up))
    if params.jobs[i].pool:
        pools.share(params, columns, params.jobs[i].pool, t)
    columns.wake_at = -NEVER
    return len(given_up)


def clear(world: World, params: Params, i: int, t: int) -> bool:
    """Do a job's last run again at `t`, ms, for the same data; False if there is none to do."""
    run = world.jobs.last[i]
    if run is None or under_way(world.jobs, i, run.group):
        return False
    begin(
        *(world, params, i, t, run.data_time, run.args),
        due=run.due,
        number=run.number,
        cap=run.cap,
        group=run.group,
        cycle=run.cycle,
    )
    return True


def dues(params: Params, i: int, first: int, last: int) -> list[int]:
    """A job's due times in a stretch of time, ms; the ends belong to it."""
    found = [next_due(params.jobs[i], first - 1)]
    while found[-1] <= last:
        found.append(next_due(params.jobs[i], found[-1]))
    return found[:-1]


def backfill(world: World, params: Params, i: int, t: int, dues: list[int], at_once: int) -> None:
    """Runs of a job for due times of the past, so many at once (0 for any number)."""
    world.jobs.backfills += 1
    for due in dues:
        begin(world, params, i, t, due, due=due, cap=at_once, group=world.jobs.backfills)


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


def next_due(job: JobLaw, t: int) -> int:
    """The first due time later than `t`, ms; NEVER without a schedule."""
    if job.every:
        return (t // job.every + 1) * job.every
    if job.cron is not None:
        return job.cron.after(t)
    return NEVER


def of_day(params: Params, t: int) -> str:
    """A time as logs of jobs tell it: `hh:mm:ss` of the scenario's day."""
    seconds = (params.start_ms_of_day + t) % DAY_MS // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def period(world: World, params: Params, i: int) -> int:
    """How long it is from a job's next due time to the one after, ms; NEVER without them."""
    if params.jobs[i].every:
        return params.jobs[i].every
    first = int(world.jobs.next_due[i])
    if first == NEVER:
        return NEVER
    return next_due(params.jobs[i], first) - first


def pass_down(
    params: Params, columns: JobColumns, i: int, state: int, runs: int, cycle: int = NEVER
) -> None:
    """What a job came to is what the jobs that come after it come to; they do not run.

    Each once, by however many ways it comes after; of a cycle (its due time, ms) also if more
    than one of those before it failed.
    """
    if not runs:
        return
    counts = {SKIPPED: columns.skipped, UPSTREAM_FAILED: columns.upstream_failed}
    seen, below = set[int](), [i]
    while below:
        k = below.pop()
        if k in seen or (cycle != NEVER and columns.passed[k] == cycle):
            continue
        seen.add(k)
        columns.passed[k] = cycle
        columns.ended[k] = state
        counts[state][k] += runs
        below += cycles.children(params, k)
