"""kube-state-metrics: pods, their containers, the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.memory import CONTAINER
from simulator.pipeline.world import ABSENT, BACKOFF, PENDING, READY, STARTING, Floats
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import MISSING, Labels, labels_of

NAMESPACE = "ml"
OOM_EXIT_CODE = 137.0  # 128 + SIGKILL


class System(collector.System):
    """Phases, reasons, restarts and limits of the model server's pods."""

    job = "kube-state-metrics"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.slots = int(facts["slots"])
        self.deployment = str(facts["pods"])
        self.pods = [f"{self.deployment}-{i}" for i in range(self.slots)]
        self.autoscaled = bool(facts.get("autoscaled"))

    def _each(self, name: str, container: bool = True, **more: str) -> list[Labels]:
        if container:
            more["container"] = CONTAINER
        return [labels_of(__name__=name, namespace=NAMESPACE, pod=pod, **more) for pod in self.pods]

    def series(self) -> list[Labels]:
        status = "kube_pod_container_status"
        deployment = {"namespace": NAMESPACE, "deployment": self.deployment}
        return [
            *self._each("kube_pod_status_phase", container=False, phase="Pending"),
            *self._each("kube_pod_status_phase", container=False, phase="Running"),
            *self._each(f"{status}_ready"),
            *self._each(f"{status}_waiting_reason", reason="CrashLoopBackOff"),
            *self._each(f"{status}_last_terminated_reason", reason="OOMKilled"),
            *self._each(f"{status}_last_terminated_exitcode"),
            *self._each(f"{status}_restarts_total"),
            *self._each("kube_pod_container_resource_limits", resource="memory", unit="byte"),
            labels_of(__name__="kube_deployment_spec_replicas", **deployment),
            labels_of(__name__="kube_deployment_status_replicas_available", **deployment),
            *(self._autoscaler() if self.autoscaled else ()),
        ]

    def _autoscaler(self) -> list[Labels]:
        named = {"namespace": NAMESPACE, "horizontalpodautoscaler": self.deployment}
        parts = ("spec_min_replicas", "spec_max_replicas", "status_current_replicas",
                 "status_desired_replicas")  # fmt: skip
        return [labels_of(__name__=f"kube_horizontalpodautoscaler_{p}", **named) for p in parts]

    def read(self, now: Reading) -> Floats:
        pods = now.world.replicas
        there, ready, backoff = pods.phase != ABSENT, pods.phase == READY, pods.phase == BACKOFF
        killed = there & (pods.kills > 0)
        each = np.empty((8, len(there)))
        each[0] = pods.phase == PENDING
        each[1] = (pods.phase == STARTING) | ready | backoff
        each[2] = ready
        each[3:5] = 1.0
        each[5] = OOM_EXIT_CODE
        each[6] = pods.restarts
        each[7] = now.params.memory_limit
        # kube-state-metrics has these series only while the container waits, or once was killed
        shown = (there, there, there, backoff, killed, killed, there, there)
        each[~np.array(shown)] = MISSING
        deployment = [now.world.cluster.wanted, np.count_nonzero(ready)]
        scaled = self._scaled(now) if self.autoscaled else []
        return np.concatenate([each.ravel(), deployment + scaled])

    @staticmethod
    def _scaled(now: Reading) -> list[float]:
        law = now.params.autoscaler
        assert law is not None, "what is autoscaled has an autoscaler"
        there = int((now.world.replicas.phase != ABSENT).sum())
        return [law.least, law.most, there, now.world.cluster.wanted]
