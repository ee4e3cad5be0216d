"""Cycles: which runs of several jobs belong together.

What comes after two jobs reads what both made of one due time, as all tasks of one Airflow run
share its logical date: the newest of one with the leftovers of the other is nobody's data. A
cycle is named by that due time, ms. It opens as soon as a run for it begins, and is over when
all of them have succeeded and what comes after begins.

A run that somebody orders has no due time: it does over the newest cycle that is still open,
which is how a failed one is mended by hand, and where none is open it is a cycle of its own.

References
----------
https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.pipeline.jobs.job_runs import NEVER, JobColumns, JobRun
from simulator.pipeline.laws import Params


def opened(params: Params, columns: JobColumns, run: JobRun) -> None:
    """A run begins: what comes after it knows of its cycle."""
    if run.cycle != NEVER:
        for k in children(params, run.job):
            columns.fed[k].setdefault(run.cycle, set())


def failed(params: Params, columns: JobColumns, run: JobRun) -> None:
    """A run has failed: its cycle has nothing of it, not even what one before it made."""
    for k in children(params, run.job):
        fed = columns.fed[k]
        fed.get(_cycle(fed, run, NEVER), set()).discard(run.job)


def succeeded(
    params: Params, columns: JobColumns, run: JobRun, t: int
) -> Iterator[tuple[int, int]]:
    """A run has succeeded at `t`, ms: the jobs that can begin with that, and for which cycle."""
    for k in children(params, run.job):
        fed = columns.fed[k]
        cycle = _cycle(fed, run, t)
        fed.setdefault(cycle, set()).add(run.job)
        if len(fed[cycle]) == len(set(params.jobs[k].after)):
            # Those before it are overtaken, but for what a backfill still works on.
            still = {one.cycle for one in columns.runs}
            columns.fed[k] = {
                one: them
                for one, them in fed.items()
                if one > cycle or (one < cycle and one in still)
            }
            yield k, cycle


def children(params: Params, i: int) -> list[int]:
    """The jobs that run when this one has succeeded."""
    name = params.jobs[i].name
    return [k for k, job in enumerate(params.jobs) if name in job.after and not job.scheduled]


def _cycle(fed: dict[int, set[int]], run: JobRun, none: int) -> int:
    """The cycle that a run is for, as a job that comes after it sees it."""
    return run.cycle if run.cycle != NEVER else max(fed, default=none)
