"""kube-state-metrics: pods, their containers, the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import nodes, quota
from simulator.pipeline.cluster.laws import QuotaLaw
from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.cluster.quota import QUOTA
from simulator.pipeline.world import ABSENT, BACKOFF, PENDING, READY
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import MISSING, Labels, labels_of

NAMESPACE = "ml"
OOM_EXIT_CODE = 137.0  # 128 + SIGKILL
LIMITS = "kube_pod_container_resource_limits"
CONDITION = {"__name__": "kube_node_status_condition", "condition": "Ready"}
UNSCHEDULABLE = "kube_node_spec_unschedulable"
STATUS = ("true", "false", "unknown")
TAINT = {"__name__": "kube_node_spec_taint", "key": nodes.UNREACHABLE, "effect": "NoExecute"}


class System(collector.System):
    """Phases, reasons, restarts and limits of the model server's pods."""

    job = "kube-state-metrics"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.slots = int(facts["slots"])
        self.deployment = str(facts["pods"])
        self.pods = [f"{self.deployment}-{i}" for i in range(self.slots)]
        self.autoscaled = bool(facts.get("autoscaled"))
        self.cpu = bool(facts.get("cpu"))
        self.quota: QuotaLaw | None = facts.get("quota")
        self.nodes = int(facts.get("nodes", 0))  # that are told of

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
            *self._each(LIMITS, resource="memory", unit="byte"),
            labels_of(__name__="kube_deployment_spec_replicas", **deployment),
            labels_of(__name__="kube_deployment_status_replicas_available", **deployment),
            *(self._autoscaler() if self.autoscaled else ()),
            *(self._each(LIMITS, resource="cpu", unit="core") if self.cpu else ()),
            *self._quota(),
            *self._nodes(),
        ]

    def _quota(self) -> list[Labels]:
        named = {"__name__": "kube_resourcequota", "namespace": NAMESPACE, "resourcequota": QUOTA}
        hard = self.quota.hard if self.quota is not None else {}
        return [labels_of(named, resource=r, type=t) for t in ("hard", "used") for r in hard]

    def _nodes(self) -> list[Labels]:
        named = [{"node": f"node-{node}"} for node in range(self.nodes)]
        info = {"__name__": "kube_pod_info", "namespace": NAMESPACE}
        return [
            *(labels_of(CONDITION, **node, status=status) for status in STATUS for node in named),
            *(labels_of(TAINT, **node) for node in named),
            *(labels_of(__name__=UNSCHEDULABLE, **node) for node in named),
            *(labels_of(info, **node, pod=pod) for node in named for pod in self.pods),
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
        each[1] = pods.phase > PENDING
        each[2] = ready
        each[3:5] = 1.0
        each[5] = OOM_EXIT_CODE
        each[6] = pods.restarts
        each[7] = now.params.memory_limit
        # kube-state-metrics has these series only while the container waits, or once was killed
        shown = (there, there, there, backoff, killed, killed, there, there)
        each[~np.array(shown)] = MISSING
        cores = now.world.cluster.cores
        return np.concatenate(
            [
                each.ravel(),
                [now.world.cluster.wanted, np.count_nonzero(ready)],
                self._scaled(now) if self.autoscaled else [],
                np.where(there, cores.limit, MISSING) if cores is not None else [],
                self._held(self.quota.hard, now) if self.quota is not None else [],
                self._placed(now) if self.nodes else [],
            ]
        )

    @staticmethod
    def _held(hard: Mapping[str, float], now: Reading) -> list[float]:
        ours, others = quota.own(now.world, now.params), now.world.cluster.others
        return [*hard.values(), *(ours[one] + others.get(one, 0.0) for one in hard)]

    def _placed(self, now: Reading) -> Floats:
        """Nodes that are ready, no longer heard of or cordoned, and the pods that each has."""
        away = np.zeros(self.nodes, np.bool_)
        away[nodes.tainted(now.world.cluster, now.params, now.world.now)] = True
        here = now.world.replicas.node == np.arange(self.nodes)[:, np.newaxis]
        tainted, placed = (np.where(there, 1.0, MISSING) for there in (away, here))
        closed = np.zeros(self.nodes)
        closed[list(now.world.cluster.cordoned)] = 1.0
        return np.concatenate([~away, np.zeros(self.nodes), away, tainted, closed, placed.ravel()])

    @staticmethod
    def _scaled(now: Reading) -> list[float]:
        law = now.params.autoscaler
        assert law is not None, "what is autoscaled has an autoscaler"
        there = int((now.world.replicas.phase != ABSENT).sum())
        return [law.least, law.most, there, now.world.cluster.wanted]
