"""Paused jobs: the schedule and the upstream jobs of one start nothing.

Runs that have begun go on, and runs ordered by hand start. Once the pause is lifted, a job that
catches up gets every due time of the pause, another one the last of them.
"""

from simulator.pipeline.jobs.dag import due_times
from simulator.pipeline.jobs.job_runs import NEVER, SCHEDULED, unfinished
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World


def pause(world: World, i: int) -> None:
    """Pause job `i`; runs that its cap of active runs has not admitted wait too."""
    world.jobs.paused[i] = True
    for run in unfinished(world.jobs, i, group=0):
        run.held = run.state == SCHEDULED


def resume(world: World, params: Params, i: int) -> int:
    """Let a job start again; returns the due times that have passed meanwhile."""
    columns = world.jobs
    columns.paused[i] = False
    for run in unfinished(columns, i):
        run.held = False
    columns.wake_at = -NEVER
    first = int(columns.next_due[i])
    return len(due_times(params, i, first, world.now)) if first <= world.now else 0
