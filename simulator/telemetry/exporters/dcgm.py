"""DCGM: how busy the accelerators are that train, and how full those that answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.long_training.training_runs import HUNG, TRAINING, WRITING
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.world import ABSENT, PENDING
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.exporters.kubernetes import NAMESPACE
from simulator.telemetry.store import MISSING, Labels, labels_of

# All accelerators of a node do the same: one of them stands for them.
GPU = "0"
MIB = 2.0**20
# Of the replicas of the model server, an accelerator each.
MEMORY = ("DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_FREE")
# A collective operation that waits for somebody is a kernel that spins; a write leaves it idle.
BUSY = {TRAINING: 97.0, WRITING: 2.0, HUNG: 100.0}


class System(collector.System):
    """Utilisation: in a hang every node is as busy as can be, but for the one that is silent.

    Who waits for a slow node is busier than that one; its clock tells. Memory is in MiB, of
    the model server's replicas where it is declared.
    """

    job = "dcgm-exporter"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        law = facts["fleet"]
        self.nodes = law.nodes if law is not None else 0
        self.clock = law.clock if law is not None else 0
        self.gpu: GpuLaw | None = facts.get("gpu")
        slots = int(facts["slots"]) if self.gpu is not None else 0
        self.pods = [f"{facts['pods']}-{i}" for i in range(slots)]

    def series(self) -> list[Labels]:
        names = ("DCGM_FI_DEV_GPU_UTIL", *(["DCGM_FI_DEV_SM_CLOCK"] if self.clock else []))
        return [
            labels_of(__name__=name, Hostname=f"node-{node}", gpu=GPU)
            for name in names
            for node in range(self.nodes)
        ] + [
            labels_of(__name__=name, gpu=GPU, namespace=NAMESPACE, pod=pod, container=CONTAINER)
            for name in MEMORY
            for pod in self.pods
        ]

    def read(self, now: Reading) -> Floats:
        return np.concatenate([self._trains(now), self._memory(now)])

    def _memory(self, now: Reading) -> Floats:
        """What is used and what is free of every accelerator that answers; nothing of a node
        that is silent."""
        if self.gpu is None:
            return np.empty(0)
        pods, used = now.world.replicas, now.world.cluster.gpu_used
        there = (pods.phase != ABSENT) & (pods.phase != PENDING)
        there &= ~np.isin(pods.node, list(now.world.cluster.down))
        both = np.concatenate([used, self.gpu.size - used]) / MIB
        return np.where(np.tile(there, 2), both, MISSING)

    def _trains(self, now: Reading) -> Floats:
        machines = now.world.trainings.fleet
        busy = np.zeros(self.nodes)
        slower = np.ones(self.nodes)
        for node, factor in now.world.trainings.slower.items():
            slower[node] = factor
        for run in now.world.trainings.runs:
            busy[run.nodes] = BUSY.get(run.phase, 0.0)
            if run.phase == TRAINING and run.pace > 1.0:
                works = slower[run.nodes] / run.pace
                busy[run.nodes] = BUSY[TRAINING] * works + BUSY[HUNG] * (1.0 - works)
            if run.phase == HUNG:
                busy[run.silent] = 0.0
        clock = self.clock / slower if self.clock else np.zeros(0)
        there = np.concatenate([machines.back_at == 0] * (2 if self.clock else 1))
        return np.where(there, np.concatenate([busy, clock]), MISSING)
