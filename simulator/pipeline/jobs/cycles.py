"""Cycles: runs of several jobs for the same due time.

A job with two upstream jobs reads their output for one due time, as all tasks of an Airflow
run share its logical date: the newest output of one does not fit an older output of the other.
A cycle is named by its due time, ms. It opens when its first run is created, and closes when
all upstream runs have succeeded and the downstream run is created.

A run ordered by hand has no due time: it belongs to the newest open cycle, so that ordering a
failed job mends its cycle; if none is open, it makes a cycle of its own.

References
----------
https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html
"""

from collections.abc import Iterator

from simulator.pipeline.jobs.job_runs import NEVER, JobColumns, JobRun
from simulator.pipeline.laws import Params


def open_cycle(params: Params, columns: JobColumns, run: JobRun) -> None:
    """Open the cycle of a new run for the downstream jobs."""
    if run.cycle != NEVER:
        for k in downstream(params, run.job):
            columns.upstream_done[k].setdefault(run.cycle, set())


def record_failure(params: Params, columns: JobColumns, run: JobRun) -> None:
    """Remove the job of a failed run from its cycle, also if an earlier run had succeeded."""
    for k in downstream(params, run.job):
        cycles = columns.upstream_done[k]
        cycles.get(_cycle(cycles, run, NEVER), set()).discard(run.job)


def record_success(
    params: Params, columns: JobColumns, run: JobRun, t: int
) -> Iterator[tuple[int, int]]:
    """Record a success at `t`, ms; yields each job that can run now, and its cycle."""
    for k in downstream(params, run.job):
        cycles = columns.upstream_done[k]
        cycle = _cycle(cycles, run, t)
        cycles.setdefault(cycle, set()).add(run.job)
        if len(cycles[cycle]) == len(set(params.jobs[k].after)):
            # Older cycles are superseded, except those that a backfill still works on.
            active = {run.cycle for run in columns.runs}
            columns.upstream_done[k] = {
                due: jobs
                for due, jobs in cycles.items()
                if due > cycle or (due < cycle and due in active)
            }
            yield k, cycle


def downstream(params: Params, i: int) -> list[int]:
    """The jobs without a schedule that run after job `i`."""
    name = params.jobs[i].name
    return [k for k, job in enumerate(params.jobs) if name in job.after and not job.scheduled]


def _cycle(cycles: dict[int, set[int]], run: JobRun, default: int) -> int:
    """The cycle that a run belongs to, among those open for a downstream job."""
    return run.cycle if run.cycle != NEVER else max(cycles, default=default)
