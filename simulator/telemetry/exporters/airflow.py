"""Airflow through its statsd exporter: runs, failures, delays of the batch graph."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.jobs import pools
from simulator.pipeline.jobs.job_runs import (
    FAILED,
    QUEUED,
    RUNNING,
    STATES,
    UNFINISHED,
    UPSTREAM_FAILED,
    JobColumns,
)
from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

# Final states of a run, each with its counter.
FINISHED = ("success", "failed", "upstream_failed", "skipped")
POOL_GAUGES = ("open_slots", "queued_slots", "running_slots", "starving_tasks")


class AirflowExporter(Exporter):
    """Task counters, each job's last run and runs in progress, and the pools."""

    job = "airflow"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.jobs = [law.name for law in facts["jobs"]]
        self.pools = [law.name for law in facts.get("pools", ())]

    def series(self) -> list[Labels]:
        per_job = (
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
        overall = (
            "airflow_scheduler_heartbeat",
            "airflow_ti_failures",
            "airflow_ti_successes",
            "airflow_executor_running_tasks",
            "airflow_executor_queued_tasks",
        )
        in_progress = [f"airflow_ti_{STATES[state]}" for state in UNFINISHED]
        finish = [
            labels_of(__name__="airflow_ti_finish_total", dag_id=job, state=state)
            for state in FINISHED
            for job in self.jobs
        ]
        slots = [
            labels_of(__name__=f"airflow_pool_{name}", pool_name=pool)
            for pool in self.pools
            for name in POOL_GAUGES
        ]
        return [
            *(labels_of(__name__=name, dag_id=job) for name in per_job for job in self.jobs),
            *(labels_of(__name__=name) for name in overall),
            *(labels_of(__name__=name, dag_id=job) for name in in_progress for job in self.jobs),
            *finish,
            *slots,
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        columns, t = scrape.world.jobs, scrape.world.now
        in_state = np.zeros((len(STATES), len(self.jobs)))
        for run in columns.runs:
            in_state[run.state, run.job] += 1
        running = in_state[RUNNING]
        per_job = np.empty((9, len(self.jobs)))
        per_job[0] = columns.last_duration / 1000.0
        per_job[1] = columns.failed
        per_job[2] = columns.succeeded
        per_job[3] = (t - columns.last_success) / 1000.0
        per_job[4] = running
        per_job[5] = (columns.last_state == FAILED) | (columns.last_state == UPSTREAM_FAILED)
        per_job[6] = columns.last_delay / 1000.0
        per_job[7] = columns.missed
        per_job[8] = columns.missed_deadlines
        overall = [
            (t - columns.scheduler_down_ms) // 5000,  # the scheduler beats every 5 s
            per_job[1].sum(),
            per_job[2].sum(),
            running.sum(),
            in_state[QUEUED].sum(),
        ]
        finish = (columns.succeeded, columns.failed, columns.upstream_failed, columns.skipped)
        slots = [value for pool in self.pools for value in _pool_slots(scrape, columns, pool)]
        in_progress = in_state[list(UNFINISHED)].ravel()
        return np.concatenate([per_job.ravel(), overall, in_progress, *finish, slots])


def _pool_slots(scrape: ScrapeContext, columns: JobColumns, pool: str) -> tuple[int, int, int, int]:
    """A pool's open slots, queued slots and used slots, and the number of waiting runs."""
    laws = scrape.params.jobs
    queued = pools.queued_runs(scrape.params, columns, pool)
    return (
        max(0, pools.open_slots(scrape.params, columns, pool)),
        sum(laws[run.job].slots for run in queued),
        pools.running_slots(scrape.params, columns, pool) + columns.taken_slots.get(pool, 0),
        len(queued),
    )
