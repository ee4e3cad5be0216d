"""Pools: slots that runs wait for, and the capacity behind them that runs share.

A pool has as many slots as its team configured. The machines behind it have a capacity: more
runs than they can carry at full speed slow each other down (processor sharing). With fewer
slots than that, runs queue; with more, all of them are slow together.
"""

import math

from simulator.pipeline.jobs.job_runs import QUEUED, RUNNING, JobColumns, JobRun
from simulator.pipeline.laws import Params


def running_slots(params: Params, columns: JobColumns, pool: str) -> int:
    """Slots that runs hold."""
    return sum(params.jobs[run.job].slots for run in _runs(params, columns, pool, RUNNING))


def open_slots(params: Params, columns: JobColumns, pool: str) -> int:
    """Slots that a run could get now; below 0 if others hold more than there are."""
    free = columns.slots[pool] - columns.taken_slots.get(pool, 0)
    return free - running_slots(params, columns, pool)


def queued_runs(params: Params, columns: JobColumns, pool: str) -> list[JobRun]:
    """Runs that wait for slots of the pool."""
    return _runs(params, columns, pool, QUEUED)


def share_capacity(params: Params, columns: JobColumns, pool: str, t: int) -> None:
    """Set the speed of a pool's working runs from `t`, ms, and the times at which they end."""
    law = next(law for law in params.pools if law.name == pool)
    if not law.full_speed:
        return
    working = [
        run for run in _runs(params, columns, pool, RUNNING) if not run.poking and not run.hung_by
    ]
    slots = sum(params.jobs[run.job].slots for run in working)
    speed = min(1.0, law.full_speed / slots) if slots else 1.0
    for run in working:
        if run.speed != speed:
            run.work_left = work_left(run, t)
            run.since, run.speed = t, speed
            run.next_at = end_time(run)


def work_left(run: JobRun, t: int) -> float:
    """Work of a run that is left at `t`, in ms at full speed.

    Examples
    --------
    >>> work_left(JobRun(0, 1, 0, 0, 1, work_left=1000.0, since=500, speed=0.5), 1500)
    500.0
    """
    return max(0.0, run.work_left - (t - run.since) * run.speed)


def end_time(run: JobRun) -> int:
    """When a run ends at its present speed, or at its timeout."""
    return min(run.since + math.ceil(run.work_left / run.speed), run.timeout_at)


def _runs(params: Params, columns: JobColumns, pool: str, state: int) -> list[JobRun]:
    return [r for r in columns.runs if r.state == state and params.jobs[r.job].pool == pool]
