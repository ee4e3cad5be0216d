"""cAdvisor: memory and CPU of the model server's containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.world import ABSENT, BACKOFF, PENDING
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.exporters.kubernetes import NAMESPACE
from simulator.telemetry.store import MISSING, Labels, labels_of

NAMES = ("container_memory_working_set_bytes", "container_cpu_usage_seconds_total")
# Of containers that have a limit.
CPU = (
    "container_cpu_cfs_periods_total",
    "container_cpu_cfs_throttled_periods_total",
    "container_cpu_cfs_throttled_seconds_total",
)


class System(collector.System):
    """Working set and CPU, a pod each; without a limit, a place in use is a core in use."""

    job = "cadvisor"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.pods = [f"{facts['pods']}-{i}" for i in range(int(facts["slots"]))]

        self.cpu = bool(facts.get("cpu"))

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__=name, namespace=NAMESPACE, pod=pod, container=CONTAINER)
            for name in (*NAMES, *(CPU if self.cpu else ()))
            for pod in self.pods
        ]

    def read(self, now: Reading) -> Floats:
        pods, busy = now.world.replicas, now.totals.busy_seconds
        runs = (pods.phase != ABSENT) & (pods.phase != PENDING) & (pods.phase != BACKOFF)
        # The kubelet answers for all that runs on its node, or for nothing.
        down = now.world.cluster.down
        heard = ~np.isin(pods.node, list(down)) if down else True
        there = (pods.phase != ABSENT) & heard
        cores = now.world.cluster.cores
        counted = [busy if len(busy) else np.zeros(len(self.pods))]
        if cores is not None:
            counted = [cores.used, cores.periods, cores.throttled, cores.throttled_seconds]
        return np.concatenate(
            [
                np.where(runs & heard, pods.resident, MISSING),
                *(np.where(there, one, MISSING) for one in counted),
            ]
        )
