"""Paused jobs: the schedule and the upstream jobs of one start nothing.

Runs that have begun go on, and runs ordered by hand start. Once the pause is lifted, a job that
catches up gets every due time of the pause, another one the last of them.
"""

from collections.abc import Mapping
from typing import Any

from simulator.pipeline.jobs.dag import create_run, due_times
from simulator.pipeline.jobs.job_runs import NEVER, SCHEDULED, unfinished
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World


def pause(world: World, i: int) -> None:
    """Pause job `i`; runs that its cap of active runs has not admitted wait too."""
    world.jobs.paused.add(i)
    for run in unfinished(world.jobs, i, group=0):
        run.held = run.state == SCHEDULED


def create_downstream_run(
    world: World, params: Params, i: int, t: int, args: Mapping[str, Any], cycle: int
) -> None:
    """Create the run of a job whose upstream jobs have succeeded; of a paused job it waits."""
    columns, paused = world.jobs, i in world.jobs.paused
    for run in unfinished(columns, i, group=0) if paused else ():
        if run.held:
            # Only the newest waits, as of the due times of a paused schedule.
            columns.runs.remove(run)
            columns.missed[i] += 1
    run = create_run(world, params, i, t, t, args, cycle=cycle)
    run.held = paused


def resume(world: World, params: Params, i: int) -> int:
    """Let a job start again; returns the due times that have passed meanwhile."""
    columns = world.jobs
    columns.paused.discard(i)
    for run in unfinished(columns, i):
        run.held = False
    columns.wake_at = -NEVER
    first = int(columns.next_due[i])
    return len(due_times(params, i, first, world.now)) if first <= world.now else 0
