"""Runs of jobs: the facts of the batch graph, in Airflow's words."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEVER = 2**62

# fmt: off
STATES = (
    "none", "running", "success", "failed", "up_for_retry", "upstream_failed",
    "scheduled", "queued", "up_for_reschedule", "deferred", "skipped",
)
(
    NONE, RUNNING, SUCCESS, FAILED, UP_FOR_RETRY, UPSTREAM_FAILED,
    SCHEDULED, QUEUED, UP_FOR_RESCHEDULE, DEFERRED, SKIPPED,
) = range(len(STATES))
# fmt: on
UNFINISHED = (SCHEDULED, QUEUED, RUNNING, UP_FOR_RETRY, UP_FOR_RESCHEDULE, DEFERRED)
# A run in one of these states waits for a time, and is then queued.
TIMED_WAITS = (UP_FOR_RETRY, UP_FOR_RESCHEDULE, DEFERRED)


@dataclass(eq=False)
class JobRun:
    """An unfinished run of a job; times in ms. Two runs are never equal."""

    job: int
    number: int
    data_time: int  # end of the data that it reads
    due: int
    max_active: int  # unfinished runs of its group that may leave `scheduled`; 0 for any number
    group: int = 0  # 0 for runs of the schedule, else the number of the backfill
    cycle: int = NEVER  # its due time; NEVER if it was ordered by hand
    state: int = SCHEDULED
    next_at: int = NEVER  # time of its next event; NEVER while it waits for a slot
    attempt: int = 0
    started: int = 0
    work_left: float = 0.0  # ms at full speed, at `since`
    since: int = 0
    speed: float = 1.0
    timeout_at: int = NEVER
    error: str = ""  # with which this attempt will fail
    poking: bool = False  # its sensor holds a slot
    sensing_since: int = NEVER
    deadline_at: int = NEVER
    hung_by: str = ""  # the fault that makes it a zombie: RUNNING, and nothing works for it
    held: bool = False  # not begun when its job was paused
    args: dict[str, Any] = field(default_factory=dict)

    @property
    def waits_for_slot(self) -> bool:
        """Whether it starts as soon as its job's cap and its pool let it."""
        return self.state in (SCHEDULED, QUEUED) and self.next_at == NEVER and not self.held


@dataclass
class JobColumns:
    """The batch graph: columns of shape (jobs,), and the unfinished runs; times in ms."""

    last_state: NDArray[np.int8]  # final state of the latest finished run
    next_due: NDArray[np.int64]
    run_number: NDArray[np.int64]  # of the latest run
    succeeded: NDArray[np.int64]
    failed: NDArray[np.int64]
    upstream_failed: NDArray[np.int64]
    skipped: NDArray[np.int64]
    missed: NDArray[np.int64]  # due times without a run
    missed_deadlines: NDArray[np.int64]
    last_success: NDArray[np.int64]  # end of the latest successful run
    last_duration: NDArray[np.int64]
    last_delay: NDArray[np.int64]  # from the due time to the start of the latest run
    data_until: NDArray[np.int64]  # end of the data that its successful runs read
    propagated_cycle: NDArray[np.int64]  # latest cycle that an upstream job failed or skipped
    upstream_done: list[dict[int, set[int]]]  # by job: open cycle -> successful upstream jobs
    last_run: list[JobRun | None]  # by job: the latest finished run
    paused: set[int] = field(default_factory=set)  # jobs whose schedule starts nothing
    runs: list[JobRun] = field(default_factory=list)  # unfinished, in order of creation
    slots: dict[str, int] = field(default_factory=dict)  # pool -> slots
    taken_slots: dict[str, int] = field(default_factory=dict)  # pool -> slots that others hold
    reaped: dict[str, int] = field(default_factory=dict)  # job -> zombies that were ended
    delivered: float = 1.0  # share of the rows that jobs expect of their emptiest source
    backfills: int = 0
    scheduler_down_ms: int = 0
    wake_at: int = -NEVER  # no event before this time


def unfinished(columns: JobColumns, job: int, group: int | None = None) -> list[JobRun]:
    """A job's unfinished runs, of all groups or of one."""
    return [run for run in columns.runs if run.job == job and group in (None, run.group)]
