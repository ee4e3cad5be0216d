"""Airflow through its statsd exporter: runs, failures, delays of the batch graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.jobs import pools
from simulator.pipeline.jobs.job_runs import (
    FAILED,
    QUEUED,
    RUNNING,
    STATES,
    UPSTREAM_FAILED,
    WAYS,
    JobColumns,
)
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of

# Counters of a run's end, by its state.
ENDS = ("success", "failed", "upstream_failed", "skipped")
POOL = ("open_slots", "queued_slots", "running_slots", "starving_tasks")


class System(collector.System):
    """Task counters, for each job its last run and what is under way, and the pools."""

    job = "airflow"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.jobs = [law.name for law in facts["jobs"]]
        self.pools = [law.name for law in facts.get("pools", ())]

    def series(self) -> list[Labels]:
        each = (
            "airflow_dagrun_duration_success",
            "airflow_dagrun_failed_total",
            "airflow_dagrun_success_total",
            "airflow_dagrun_last_success_age_seconds",
            "airflow_dagrun_running",
            "airflow_dagrun_failed_last",
            "airflow_dagrun_schedule_delay",
            "airflow_dagrun_missed_total",
            "airflow_deadline_alerts_deadline_missed",
        )
        one = (
            "airflow_scheduler_heartbeat",
            "airflow_ti_failures",
            "airflow_ti_successes",
            "airflow_executor_running_tasks",
            "airflow_executor_queued_tasks",
        )
        under_way = [f"airflow_ti_{STATES[state]}" for state in WAYS]
        finish = [
            labels_of(__name__="airflow_ti_finish_total", dag_id=job, state=state)
            for state in ENDS
            for job in self.jobs
        ]
        slots = [
            labels_of(__name__=f"airflow_pool_{name}", pool_name=pool)
            for pool in self.pools
            for name in POOL
        ]
        return [
            *(labels_of(__name__=name, dag_id=job) for name in each for job in self.jobs),
            *(labels_of(__name__=name) for name in one),
            *(labels_of(__name__=name, dag_id=job) for name in under_way for job in self.jobs),
            *finish,
            *slots,
        ]

    def read(self, now: Reading) -> Floats:
        columns, t = now.world.jobs, now.world.now
        under_way = np.zeros((len(STATES), len(self.jobs)))
        for run in columns.runs:
            under_way[run.state, run.job] += 1
        running = under_way[RUNNING]
        each = np.empty((9, len(self.jobs)))
        each[0] = columns.last_duration / 1000.0
        each[1] = columns.failed
        each[2] = columns.succeeded
        each[3] = (t - columns.last_success) / 1000.0
        each[4] = running
        each[5] = (columns.ended == FAILED) | (columns.ended == UPSTREAM_FAILED)
        each[6] = columns.last_delay / 1000.0
        each[7] = columns.missed
        each[8] = columns.late
        one = [
            (t - columns.silent) // 5000,  # the scheduler beats every 5 s
            each[1].sum(),
            each[2].sum(),
            running.sum(),
            under_way[QUEUED].sum(),
        ]
        finish = (columns.succeeded, columns.failed, columns.upstream_failed, columns.skipped)
        slots = [value for pool in self.pools for value in _pool(now, columns, pool)]
        ways = under_way[list(WAYS)].ravel()
        return np.concatenate([each.ravel(), one, ways, *finish, slots])


def _pool(now: Reading, columns: JobColumns, pool: str) -> tuple[int, int, int, int]:
    """Slots of a pool: those open, wanted and used, and the runs that wait for one."""
    laws = now.params.jobs
    waiting = pools.waiting(now.params, columns, pool)
    return (
        max(0, pools.open_slots(now.params, columns, pool)),
        sum(laws[run.job].slots for run in waiting),
        pools.used(now.params, columns, pool) + columns.taken.get(pool, 0),
        len(waiting),
    )
