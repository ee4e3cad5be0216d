"""kube-state-metrics: pods, containers, deployment, autoscaler, quota and nodes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster import node_pressure, nodes, quota
from simulator.pipeline.cluster.laws import QuotaLaw
from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.cluster.quota import QUOTA
from simulator.pipeline.world import ABSENT, BACKOFF, PENDING, READY
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of

NAMESPACE = "ml"
OOM_EXIT_CODE = 137.0  # 128 + SIGKILL
LIMITS = "kube_pod_container_resource_limits"
REQUESTS = "kube_pod_container_resource_requests"
CONDITION = {"__name__": "kube_node_status_condition", "condition": "Ready"}
PRESSURE = {"__name__": "kube_node_status_condition", "condition": "MemoryPressure"}
ALLOCATABLE = {"__name__": "kube_node_status_allocatable", "resource": "memory", "unit": "byte"}
UNSCHEDULABLE = "kube_node_spec_unschedulable"
STATUS = ("true", "false", "unknown")
TAINT = {"__name__": "kube_node_spec_taint", "key": nodes.UNREACHABLE, "effect": "NoExecute"}


class KubeStateMetricsExporter(Exporter):
    """Phases, reasons, restarts and limits of the model server's pods, and what they run on."""

    job = "kube-state-metrics"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.slots = int(facts["slots"])
        self.deployment = str(facts["pods"])
        self.pods = [f"{self.deployment}-{i}" for i in range(self.slots)]
        self.autoscaled = bool(facts.get("autoscaled"))
        self.cpu = bool(facts.get("cpu"))
        self.quota: QuotaLaw | None = facts.get("quota")
        # The most nodes that there can be; 0 where the scenario has none.
        self.nodes = int(facts.get("nodes", 0))
        self.node = str(facts.get("node", "node"))
        self.further = [KubeStateMetricsExporter(pool) for pool in facts.get("serving_pools", ())]

    def _pod_series(self, name: str, container: bool = True, **more: str) -> list[Labels]:
        if container:
            more["container"] = CONTAINER
        return [labels_of(__name__=name, namespace=NAMESPACE, pod=pod, **more) for pod in self.pods]

    def series(self) -> list[Labels]:
        status = "kube_pod_container_status"
        deployment = {"namespace": NAMESPACE, "deployment": self.deployment}
        return [
            *self._pod_series("kube_pod_status_phase", container=False, phase="Pending"),
            *self._pod_series("kube_pod_status_phase", container=False, phase="Running"),
            *self._pod_series(f"{status}_ready"),
            *self._pod_series(f"{status}_waiting_reason", reason="CrashLoopBackOff"),
            *self._pod_series(f"{status}_last_terminated_reason", reason="OOMKilled"),
            *self._pod_series(f"{status}_last_terminated_exitcode"),
            *self._pod_series(f"{status}_restarts_total"),
            *self._pod_series(LIMITS, resource="memory", unit="byte"),
            *self._pod_series(REQUESTS, resource="memory", unit="byte"),
            labels_of(__name__="kube_deployment_spec_replicas", **deployment),
            labels_of(__name__="kube_deployment_status_replicas_available", **deployment),
            *(self._autoscaler_series() if self.autoscaled else ()),
            *(self._pod_series(LIMITS, resource="cpu", unit="core") if self.cpu else ()),
            *self._quota_series(),
            *self._node_series(),
            *(labels for pool in self.further for labels in pool.series()),
        ]

    def _quota_series(self) -> list[Labels]:
        quota_labels = {"namespace": NAMESPACE, "resourcequota": QUOTA}
        hard = self.quota.hard if self.quota is not None else {}
        return [
            labels_of(quota_labels, __name__="kube_resourcequota", resource=resource, type=kind)
            for kind in ("hard", "used")
            for resource in hard
        ]

    def _node_series(self) -> list[Labels]:
        named = [{"node": f"{self.node}-{node}"} for node in range(self.nodes)]
        info = {"__name__": "kube_pod_info", "namespace": NAMESPACE}
        return [
            *(labels_of(CONDITION, **node, status=status) for status in STATUS for node in named),
            *(labels_of(TAINT, **node) for node in named),
            *(labels_of(__name__=UNSCHEDULABLE, **node) for node in named),
            *(labels_of(PRESSURE, **node, status=status) for status in STATUS for node in named),
            *(labels_of(ALLOCATABLE, **node) for node in named),
            *(labels_of(info, **node, pod=pod) for node in named for pod in self.pods),
        ]

    def _autoscaler_series(self) -> list[Labels]:
        target = {"namespace": NAMESPACE, "horizontalpodautoscaler": self.deployment}
        parts = ("spec_min_replicas", "spec_max_replicas", "status_current_replicas",
                 "status_desired_replicas")  # fmt: skip
        return [labels_of(__name__=f"kube_horizontalpodautoscaler_{p}", **target) for p in parts]

    def read(self, scrape: ScrapeContext) -> Floats:
        exporters = [self, *self.further]
        pools = zip(exporters, scrape.by_pool(), strict=True)
        return np.concatenate([exporter._read_pool(pool) for exporter, pool in pools])

    def _read_pool(self, scrape: ScrapeContext) -> Floats:
        """The samples of one pool's deployment, pods and nodes."""
        pods = scrape.world.replicas
        present, ready, backoff = pods.phase != ABSENT, pods.phase == READY, pods.phase == BACKOFF
        killed = present & (pods.kills > 0)
        per_pod = np.empty((9, len(present)))
        per_pod[0] = pods.phase == PENDING
        per_pod[1] = pods.phase > PENDING
        per_pod[2] = ready
        per_pod[3:5] = 1.0
        per_pod[5] = OOM_EXIT_CODE
        per_pod[6] = pods.restarts
        per_pod[7:] = pods.limits.memory, pods.limits.request
        # The waiting reason is exposed only in back-off, the last termination only after a kill.
        exposed = np.array([present] * len(per_pod))
        exposed[3], exposed[4:6] = backoff, killed
        per_pod[~exposed] = MISSING
        cores = scrape.world.cluster.cpu
        return np.concatenate(
            [
                per_pod.ravel(),
                [scrape.world.cluster.desired_replicas, np.count_nonzero(ready)],
                self._autoscaler_samples(scrape) if self.autoscaled else [],
                np.where(present, cores.limit, MISSING) if cores is not None else [],
                self._quota_samples(self.quota.hard, scrape) if self.quota is not None else [],
                self._node_samples(scrape) if self.nodes else [],
            ]
        )

    @staticmethod
    def _quota_samples(hard: Mapping[str, float], scrape: ScrapeContext) -> list[float]:
        ours, others = (
            quota.own_use(scrape.world),
            scrape.world.cluster.quota_used_by_others,
        )
        return [*hard.values(), *(ours[resource] + others.get(resource, 0.0) for resource in hard)]

    def _node_samples(self, scrape: ScrapeContext) -> Floats:
        """Nodes that are ready, unreachable, cordoned or short of memory, and the pods of each."""
        cluster, t = scrape.world.cluster, scrape.world.now
        unreachable, cordoned, short = np.zeros((3, self.nodes), np.bool_)
        unreachable[nodes.tainted(cluster, scrape.params, t)] = True
        cordoned[list(cluster.cordoned)] = True
        short[node_pressure.short_of_memory(cluster, t)] = True
        here = scrape.world.replicas.node == np.arange(self.nodes)[:, np.newaxis]
        tainted, placed = (np.where(mask, 1.0, MISSING) for mask in (unreachable, here))
        not_ready = np.zeros(self.nodes)  # the status "false" never occurs
        per_node = np.array(
            [
                *(~unreachable, not_ready, unreachable, tainted, cordoned),
                *(short & ~unreachable, ~short & ~unreachable, unreachable),
                np.resize(cluster.node_memory, self.nodes),
            ],
            np.float64,
        )
        per_node[:, len(cluster.node_memory) :] = MISSING  # not provided yet
        return np.concatenate([per_node.ravel(), placed.ravel()])

    @staticmethod
    def _autoscaler_samples(scrape: ScrapeContext) -> list[float]:
        law = scrape.params.autoscaler
        assert law is not None, "an autoscaled deployment has an autoscaler"
        current = int((scrape.world.replicas.phase != ABSENT).sum())
        return [law.least, law.most, current, scrape.world.cluster.desired_replicas]
