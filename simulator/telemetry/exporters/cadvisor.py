"""cAdvisor: memory and CPU of the model server's containers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.world import ABSENT, BACKOFF, PENDING
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.exporters.kubernetes import NAMESPACE

NAMES = ("container_memory_working_set_bytes", "container_cpu_usage_seconds_total")
# For containers with a CPU limit.
CPU_NAMES = (
    "container_cpu_cfs_periods_total",
    "container_cpu_cfs_throttled_periods_total",
    "container_cpu_cfs_throttled_seconds_total",
)


class CadvisorExporter(Exporter):
    """Working set and CPU per pod; without a CPU limit, a busy slot counts as a busy core."""

    job = "cadvisor"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.pods = [f"{facts['pods']}-{i}" for i in range(int(facts["slots"]))]
        self.cpu = bool(facts.get("cpu"))
        self.first_slot = int(facts.get("first_slot", 0))
        self.further = [CadvisorExporter(pool) for pool in facts.get("serving_pools", ())]

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__=name, namespace=NAMESPACE, pod=pod, container=CONTAINER)
            for name in (*NAMES, *(CPU_NAMES if self.cpu else ()))
            for pod in self.pods
        ] + [labels for pool in self.further for labels in pool.series()]

    def read(self, scrape: ScrapeContext) -> Floats:
        exporters = [self, *self.further]
        pools = zip(exporters, scrape.by_pool(), strict=True)
        return np.concatenate([exporter._read_pool(pool) for exporter, pool in pools])

    def _read_pool(self, scrape: ScrapeContext) -> Floats:
        """The samples of the pods of one pool."""
        pods, last_slot = scrape.world.replicas, self.first_slot + len(self.pods)
        busy = scrape.totals.busy_seconds[self.first_slot : last_slot]
        running = (pods.phase != ABSENT) & (pods.phase != PENDING) & (pods.phase != BACKOFF)
        # The kubelet reports every container on its node, or none while the node is down.
        down = scrape.world.cluster.down
        reachable = ~np.isin(pods.node, list(down)) if down else True
        exposed = (pods.phase != ABSENT) & reachable
        cores = scrape.world.cluster.cpu
        cpu = [busy if len(busy) else np.zeros(len(self.pods))]
        if cores is not None:
            cpu = [cores.used, cores.periods, cores.throttled, cores.throttled_seconds]
        return np.concatenate(
            [
                np.where(running & reachable, pods.resident, MISSING),
                *(np.where(exposed, values, MISSING) for values in cpu),
            ]
        )
