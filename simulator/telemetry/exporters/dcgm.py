"""DCGM: utilisation of the training accelerators, memory of the serving ones."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.long_training.training_runs import HUNG, TRAINING, WRITING
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.world import ABSENT, PENDING
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.exporters.kubernetes import NAMESPACE

# All accelerators of a node behave alike, so one is exposed for all.
GPU = "0"
MIB = 2.0**20
# For the replicas of the model server, one accelerator each.
MEMORY = ("DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_FREE")
# A collective operation that waits for a peer spins in its kernel; a write leaves the GPU idle.
UTILISATION = {TRAINING: 97.0, WRITING: 2.0, HUNG: 100.0}


class DcgmExporter(Exporter):
    """Utilisation, clock and memory.

    In a hang every node shows full utilisation, except the silent one. Nodes that wait for a
    slow node are busier than it; the slow node's clock shows it. Memory is in MiB, for the
    model server's replicas where it is declared. An accelerator with an Xid error shows the last
    one until its node is repaired.
    """

    job = "dcgm-exporter"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        law = facts["fleet"]
        self.nodes = law.nodes if law is not None else 0
        self.clock = law.clock if law is not None else 0
        self.causes = law.causes if law is not None else ()
        self.gpu: GpuLaw | None = facts.get("gpu")
        slots = int(facts["slots"]) if self.gpu is not None else 0
        self.pods = [f"{facts['pods']}-{i}" for i in range(slots)]
        pools = facts.get("serving_pools", ()) if self.gpu is not None else ()
        self.pods_of_pools = [
            [f"{pool['pods']}-{i}" for i in range(int(pool["slots"]))] for pool in pools
        ]

    def series(self) -> list[Labels]:
        names = ("DCGM_FI_DEV_GPU_UTIL", *(["DCGM_FI_DEV_SM_CLOCK"] if self.clock else []))
        return [
            labels_of(__name__=name, Hostname=f"node-{node}", gpu=GPU)
            for name in names
            for node in range(self.nodes)
        ] + [
            labels_of(__name__=name, gpu=GPU, namespace=NAMESPACE, pod=pod, container=CONTAINER)
            for pods in (self.pods, *self.pods_of_pools)
            for name in MEMORY
            for pod in pods
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        memory = [self._memory(pool) for pool in scrape.by_pool()]
        return np.concatenate([self._training(scrape), *memory])

    def dynamic_series(self, scrape: ScrapeContext) -> Iterable[tuple[Labels, float]]:
        fleet = scrape.world.trainings.fleet
        for node in np.flatnonzero(fleet.last_cause >= 0).tolist():
            cause = self.causes[fleet.last_cause[node]]
            # A repair ends with a new driver; without a repair nobody resets it.
            if cause.xid and (fleet.repaired_at[node] or not cause.repair):
                yield _xid_labels(node, int(fleet.last_gpu[node])), float(cause.xid)

    def dynamic_series_examples(self) -> list[tuple[Labels, frozenset[str]]]:
        if not any(cause.xid for cause in self.causes):
            return []
        return [(_xid_labels(0, 0), frozenset({"Hostname", "gpu"}))]

    def _memory(self, scrape: ScrapeContext) -> Floats:
        """Used and free memory of each serving accelerator; no samples of nodes that are down."""
        if self.gpu is None:
            return np.empty(0)
        pods, used = scrape.world.replicas, scrape.world.cluster.gpu_used
        exposed = (pods.phase != ABSENT) & (pods.phase != PENDING)
        exposed &= ~np.isin(pods.node, list(scrape.world.cluster.down))
        free = pods.limits.accelerator - used
        used_and_free = np.concatenate([used, free]) / MIB
        return np.where(np.tile(exposed, 2), used_and_free, MISSING)

    def _training(self, scrape: ScrapeContext) -> Floats:
        fleet = scrape.world.trainings.fleet
        busy = np.zeros(self.nodes)
        slowdown = np.ones(self.nodes)
        for node, factor in scrape.world.trainings.slowdowns.items():
            slowdown[node] = factor
        for run in scrape.world.trainings.runs:
            busy[run.nodes] = UTILISATION.get(run.phase, 0.0)
            if run.phase == TRAINING and run.slowdown > 1.0:
                working = slowdown[run.nodes] / run.slowdown
                waiting = 1.0 - working
                busy[run.nodes] = UTILISATION[TRAINING] * working + UTILISATION[HUNG] * waiting
            if run.phase == HUNG:
                busy[run.hung_node] = 0.0
        clock = self.clock / slowdown if self.clock else np.zeros(0)
        exposed = np.concatenate([fleet.repaired_at == 0] * (2 if self.clock else 1))
        return np.where(exposed, np.concatenate([busy, clock]), MISSING)


def _xid_labels(node: int, gpu: int) -> Labels:
    return labels_of(__name__="DCGM_FI_DEV_XID_ERRORS", Hostname=f"node-{node}", gpu=str(gpu))
