"""Airflow through its statsd exporter: runs, failures, delays of the batch graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline import jobs
from simulator.pipeline.world import Floats
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of


class System(collector.System):
    """Task counters, and for each job its last run."""

    job = "airflow"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.jobs = [law.name for law in facts["jobs"]]

    def series(self) -> list[Labels]:
        each = (
            "airflow_dagrun_duration_success",
            "airflow_dagrun_failed_total",
            "airflow_dagrun_success_total",
            "airflow_dagrun_last_success_age_seconds",
            "airflow_dagrun_running",
            "airflow_dagrun_failed_last",
        )
        one = (
            "airflow_scheduler_heartbeat",
            "airflow_ti_failures",
            "airflow_ti_successes",
            "airflow_executor_running_tasks",
            "airflow_executor_queued_tasks",
        )
        return [labels_of(__name__=name, dag_id=job) for name in each for job in self.jobs] + [
            labels_of(__name__=name) for name in one
        ]

    def read(self, now: Reading) -> Floats:
        columns = now.world.jobs
        running = columns.state == jobs.RUNNING
        return np.concatenate(
            [
                columns.last_duration / 1000.0,
                columns.failed,
                columns.succeeded,
                (now.world.now - columns.last_success) / 1000.0,
                running,
                (columns.state == jobs.FAILED) | (columns.state == jobs.UPSTREAM_FAILED),
                # The scheduler beats every 5 s.
                [
                    now.world.now // 5000,
                    columns.failed.sum(),
                    columns.succeeded.sum(),
                    running.sum(),
                    (columns.state == jobs.UP_FOR_RETRY).sum(),
                ],
            ]
        )
