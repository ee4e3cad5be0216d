"""Runs of jobs: the facts of the batch graph, in Airflow's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEVER = 2**62


STATES = (
    "none",
    "running",
    "success",
    "failed",
    "up_for_retry",
    "upstream_failed",
    "scheduled",
    "queued",
    "up_for_reschedule",
    "deferred",
    "skipped",
)
(
    NONE,
    RUNNING,
    SUCCESS,
    FAILED,
    UP_FOR_RETRY,
    UPSTREAM_FAILED,
    SCHEDULED,
    QUEUED,
    UP_FOR_RESCHEDULE,
    DEFERRED,
    SKIPPED,
) = range(len(STATES))
# What a run can be while it is under way, and what it can come to.
WAYS = (SCHEDULED, QUEUED, RUNNING, UP_FOR_RETRY, UP_FOR_RESCHEDULE, DEFERRED)
ENDS = (SUCCESS, FAILED, UPSTREAM_FAILED, SKIPPED)
# It waits for a moment, and then for a slot.
WAITING = (UP_FOR_RETRY, UP_FOR_RESCHEDULE, DEFERRED)


@dataclass(eq=False)
class JobRun:
    """One run of a job that is under way; times in ms. Two runs are never the same."""

    job: int
    number: int
    data_time: int  # what it reads up to
    due: int  # when it was to begin
    cap: int  # runs of its group that may be under way together; 0 for any number
    group: int = 0  # 0 for the schedule's own, else the backfill it belongs to
    cycle: int = NEVER  # the due time for which it runs; NEVER if somebody ordered it
    state: int = SCHEDULED
    at: int = NEVER  # when it next does something by itself
    attempt: int = 0
    started: int = 0
    left: float = 0.0  # work at full speed, ms, at `since`
    since: int = 0
    speed: float = 1.0
    stops: int = NEVER  # when its time-out is over
    why: str = ""  # why this attempt will fail
    sensing: bool = False  # it holds a slot and looks for its data
    waits_since: int = NEVER  # for its data
    late_at: int = NEVER  # when it misses its deadline
    args: dict[str, Any] = field(default_factory=dict)


@dataclass
class JobColumns:
    """The batch graph: one column a job, and the runs under way."""

    ended: NDArray[np.int8]  # what its latest run that is over came to
    next_due: NDArray[np.int64]  # by its schedule
    run: NDArray[np.int64]  # number of its latest run
    succeeded: NDArray[np.int64]
    failed: NDArray[np.int64]
    upstream_failed: NDArray[np.int64]
    skipped: NDArray[np.int64]
    missed: NDArray[np.int64]  # due times at which nothing began
    late: NDArray[np.int64]  # deadlines that passed before a run had ended
    last_success: NDArray[np.int64]  # ms, end of the last run that succeeded
    last_duration: NDArray[np.int64]  # ms
    last_delay: NDArray[np.int64]  # ms from the due time to the start of the latest run
    through: NDArray[np.int64]  # ms up to which its data are there
    passed: NDArray[np.int64]  # the cycle that was last passed down to it: it did not run
    ordered: dict[str, int]  # job -> runs ordered by hand so far
    fed: list[dict[int, set[int]]]  # of each job: open cycle -> what it comes after and is done
    last: list[JobRun | None]  # the latest run that has ended, a job each
    runs: list[JobRun] = field(default_factory=list)  # under way, in the order of their birth
    slots: dict[str, int] = field(default_factory=dict)  # pool -> slots
    taken: dict[str, int] = field(default_factory=dict)  # pool -> slots that others hold
    backfills: int = 0  # so far
    silent: int = 0  # ms in which the scheduler was down
    wake_at: int = -NEVER  # nothing happens before


def under_way(columns: JobColumns, job: int, group: int | None = None) -> list[JobRun]:
    """A job's runs that are under way: all, or those of one group."""
    return [run for run in columns.runs if run.job == job and group in (None, run.group)]
