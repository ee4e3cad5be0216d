"""Pools: slots that runs wait for, and machines behind them that runs share.

A pool has as many slots as its team says, which is a wish. What stands behind it has a
capacity, which is a fact: more runs than it can carry at full speed slow each other down.
Slots below that make runs wait in turn; slots above let them crawl all together.
"""

from __future__ import annotations

import math

from simulator.pipeline.jobs.job_runs import QUEUED, RUNNING, JobColumns, JobRun
from simulator.pipeline.laws import Params


def used(params: Params, columns: JobColumns, pool: str) -> int:
    """Slots that runs hold."""
    return sum(
        params.jobs[run.job].slots
        for run in columns.runs
        if run.state == RUNNING and params.jobs[run.job].pool == pool
    )


def open_slots(params: Params, columns: JobColumns, pool: str) -> int:
    """Slots that a run could get now; others may hold some, and even all."""
    return columns.slots[pool] - columns.taken.get(pool, 0) - used(params, columns, pool)


def waiting(params: Params, columns: JobColumns, pool: str) -> list[JobRun]:
    """Runs that wait for a slot of it."""
    return [
        run for run in columns.runs if run.state == QUEUED and params.jobs[run.job].pool == pool
    ]


def share(params: Params, columns: JobColumns, pool: str, t: int) -> None:
    """Let the runs of a pool go on from `t`, ms, at the speed that is left for each."""
    law = next(one for one in params.pools if one.name == pool)
    if not law.full_speed:
        return
    working = [
        run
        for run in columns.runs
        if run.state == RUNNING and not run.sensing and params.jobs[run.job].pool == pool
    ]
    wanted = sum(params.jobs[run.job].slots for run in working)
    speed = min(1.0, law.full_speed / wanted) if wanted else 1.0
    for run in working:
        if run.speed != speed:
            run.left = left(run, t)
            run.since, run.speed = t, speed
            run.at = ends(run)


def left(run: JobRun, t: int) -> float:
    """Work that is left of a run at `t`, in ms at full speed.

    Examples
    --------
    >>> left(JobRun(0, 1, 0, 0, 1, left=1000.0, since=500, speed=0.5), 1500)
    500.0
    """
    return max(0.0, run.left - (t - run.since) * run.speed)


def ends(run: JobRun) -> int:
    """When a run is done at its speed, or stopped."""
    return min(run.since + math.ceil(run.left / run.speed), run.stops)
