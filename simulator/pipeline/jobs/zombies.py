"""Zombies: runs that count as running while nothing works for them any more.

Airflow's word. A zombie holds its slots of the job and of the pool, and no timeout ends it: the
process that would enforce it is gone. The scheduler detects one by its missing heartbeat, unless
a fault hides it. To skip or clear it kills it; a restarted scheduler queues its work again.

References
----------
https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html
"""

from collections.abc import Sequence

from simulator.pipeline.jobs import pools
from simulator.pipeline.jobs.job_runs import NEVER, QUEUED, JobColumns, JobRun, unfinished
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

# The scheduler's word for the failure of one.
DETECTED = "Detected zombie job"


def hang_next(columns: JobColumns, params: Params, run: JobRun) -> None:
    """Make a run of the schedule that has just started a zombie, if a fault lets the next hang."""
    fault = params.bends.hanging_jobs.get(params.jobs[run.job].name, "")
    zombies = (other.hung_by for other in unfinished(columns, run.job))
    if fault and not run.error and not run.group and fault not in zombies:
        run.hung_by, run.timeout_at = fault, NEVER
        # It is missed from the time at which it would have ended.
        run.next_at = pools.end_time(run)


def hit(sample: Sample, runs: Sequence[JobRun], excess: int = 0) -> None:
    """Record hits of zombies in the way, if there are more of them than runs in excess."""
    zombies = [run for run in runs if run.hung_by]
    if len(zombies) > excess:
        for run in zombies:
            sample.hit(run.hung_by, 1)


def hit_taken_slots(
    columns: JobColumns, params: Params, sample: Sample, pool: str, free: int, slots: int
) -> None:
    """Record hits of the faults that take slots of a pool, if a run would fit without them."""
    in_pool = [run for run in columns.runs if params.jobs[run.job].pool == pool]
    held = sum(params.jobs[run.job].slots for run in in_pool if run.hung_by)
    if free + held >= slots:
        hit(sample, in_pool)
    if free + columns.taken_slots.get(pool, 0) >= slots:
        for holder in params.bends.taken_slots:
            if holder.pool == pool:
                sample.hit(holder.fault, 1)


def detect(world: World, params: Params, sample: Sample) -> None:
    """End the zombies that no fault hides any more: each fails, as an attempt does."""
    columns, hanging = world.jobs, params.bends.hanging_jobs
    for run in columns.runs:
        if run.hung_by and hanging.get(name := params.jobs[run.job].name) != run.hung_by:
            run.error, run.next_at = f"{DETECTED}: {name}", sample.t
            reap(columns, params, run)
            columns.wake_at = -NEVER


def reset_orphans(world: World, params: Params) -> int:
    """Queue the zombies again, as a restarted scheduler does; it adopts all other runs.

    Returns
    -------
    int
        The runs that are queued again.
    """
    orphans = [run for run in world.jobs.runs if run.hung_by]
    for run in orphans:
        reap(world.jobs, params, run)
        run.state, run.next_at, run.attempt = QUEUED, NEVER, run.attempt - 1
    world.jobs.wake_at = -NEVER
    return len(orphans)


def reap(columns: JobColumns, params: Params, run: JobRun) -> None:
    """Let a run be a zombie no longer."""
    if run.hung_by:
        name = params.jobs[run.job].name
        columns.reaped[name] = columns.reaped.get(name, 0) + 1
        run.hung_by = ""
