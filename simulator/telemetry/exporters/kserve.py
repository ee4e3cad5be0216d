"""KServe: the model server's histograms and the HTTP front end."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Bools
from simulator.pipeline.cluster import nodes
from simulator.pipeline.serving import server
from simulator.pipeline.serving.replica_pools import CODES
from simulator.pipeline.world import READY, World
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.exporters.kubernetes import NAMESPACE
from simulator.telemetry.totals import LATENCY_BUCKETS, histogram_series

# Envoy's response flags of requests that the gateway refuses.
RATE_LIMITED, PAYLOAD_TOO_LARGE = "RL", "-"
# Of each pool of replicas.
GAUGES = (
    "ml_serving_requests_waiting",
    "ml_serving_requests_in_service",
    "ml_serving_slots_total",
)


class KServeExporter(Exporter):
    """Requests by code, latency, and its parts.

    Where the cluster has nodes, the model's part is exposed per pod: a slow node shows in its pods.
    The gateway's counters come with those of Istio, whose agent merges both into one exposition;
    they exist once the gateway has refused or answered anything.

    https://istio.io/latest/docs/reference/config/metrics/
    https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging
    """

    job = "kserve"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.model = str(facts["model"])
        self.handler = f"/v1/models/{self.model}:predict"
        self.classes = tuple(facts.get("classes", ()))
        further = facts.get("serving_pools", ())
        self.deployments = [str(pool["pods"]) for pool in further]
        pools = [facts, *further] if facts.get("nodes") else []
        self.pods = [f"{pool['pods']}-{i}" for pool in pools for i in range(int(pool["slots"]))]
        self.per_pod = len(self.pods)

    def series(self) -> list[Labels]:
        codes = [
            labels_of(__name__="http_requests_total", code=code, handler=self.handler)
            for code in CODES
        ]
        return [
            *codes,
            *histogram_series("http_request_duration_seconds", handler=self.handler),
            *histogram_series("request_preprocess_seconds", model_name=self.model),
            *self._predict_series(),
            *(labels_of(__name__=name, model_name=self.model) for name in GAUGES),
            *(
                labels_of(__name__=name, model_name=self.model, deployment=deployment)
                for deployment in self.deployments
                for name in GAUGES
            ),
        ]

    def dynamic_series(self, scrape: ScrapeContext) -> Iterable[tuple[Labels, float]]:
        # As of any client library, a counter appears with the first request that it counts.
        totals = scrape.totals
        for name, count in sorted(totals.refused.items()):
            yield self._at_gateway("429", RATE_LIMITED, name), count
        if totals.too_long:
            yield self._at_gateway("413", PAYLOAD_TOO_LARGE), totals.too_long
        if totals.answered_by_gateway:
            yield self._fallback_series(), totals.answered_by_gateway

    def dynamic_series_examples(self) -> list[tuple[Labels, frozenset[str]]]:
        nothing = frozenset[str]()
        refused = [
            (self._at_gateway("429", RATE_LIMITED, name), nothing)
            for name in dict.fromkeys(["", *self.classes])
        ]
        too_long = self._at_gateway("413", PAYLOAD_TOO_LARGE)
        return [*refused, (too_long, nothing), (self._fallback_series(), nothing)]

    def _at_gateway(self, code: str, flags: str, request_class: str = "") -> Labels:
        labels = {"request_class": request_class} if request_class else {}
        return labels_of(
            labels,
            __name__="istio_requests_total",
            destination_service_name=self.model,
            response_code=code,
            response_flags=flags,
        )

    def _fallback_series(self) -> Labels:
        return labels_of(__name__="ml_gateway_fallback_answers_total", model_name=self.model)

    def _predict_series(self) -> list[Labels]:
        name, model = "request_predict_seconds", {"model_name": self.model}
        if not self.per_pod:
            return histogram_series(name, LATENCY_BUCKETS, **model)
        model["namespace"] = NAMESPACE
        by_pod = [histogram_series(name, LATENCY_BUCKETS, **model, pod=pod) for pod in self.pods]
        return [labels for series in by_pod for labels in series]

    def _predict_samples(self, scrape: ScrapeContext) -> Floats:
        """The model's part of the latency; per pod only for pods that are ready and reachable."""
        if not self.per_pod:
            return scrape.totals.predict.samples()
        rows = np.array([histogram.samples() for histogram in scrape.totals.by_pod])
        exposed = np.concatenate([_reachable(pool.world) for pool in scrape.by_pool()])
        return np.where(exposed[:, np.newaxis], rows, MISSING).ravel()

    def read(self, scrape: ScrapeContext) -> Floats:
        totals = scrape.totals
        return np.concatenate(
            [
                [totals.served, totals.failed, totals.shed, totals.timed_out],
                totals.latency.samples(),
                totals.dependency.samples(),
                self._predict_samples(scrape),
                *(_gauges(pool) for pool in scrape.by_pool()),
            ]
        )


def _gauges(scrape: ScrapeContext) -> list[int]:
    """Requests that wait and that are in service in one pool, and its slots."""
    queue, params = scrape.world.queue, scrape.params
    slots = int((scrape.world.replicas.phase == READY).sum()) * params.concurrency
    if params.per_replica is not None:  # each slot holds a batch
        slots *= params.per_replica.batching.max_size
    return [len(queue.waiting), int(server.in_service(queue, params.slots).sum()), slots]


def _reachable(world: World) -> Bools:
    """The pods that are ready and answer a scrape."""
    ready: Bools = world.replicas.phase == READY
    ready[nodes.dead_pods(world)] = False
    return ready
