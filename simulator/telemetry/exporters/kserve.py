"""KServe: the model server's histograms and the HTTP front end."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster import nodes
from simulator.pipeline.serving import server
from simulator.pipeline.world import READY
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.exporters.kubernetes import NAMESPACE
from simulator.telemetry.totals import LATENCY_BUCKETS, histogram_series

CODES = ("200", "500", "503", "504")
# Envoy's response flags of requests that the gateway refuses.
RATE_LIMITED, PAYLOAD_TOO_LARGE = "RL", "-"


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
        self.per_pod = int(facts["slots"]) if facts.get("nodes") else 0
        self.pods = [f"{facts['pods']}-{i}" for i in range(self.per_pod)]

    def series(self) -> list[Labels]:
        codes = [
            labels_of(__name__="http_requests_total", code=code, handler=self.handler)
            for code in CODES
        ]
        gauges = (
            "ml_serving_requests_waiting",
            "ml_serving_requests_in_service",
            "ml_serving_slots_total",
        )
        return [
            *codes,
            *histogram_series("http_request_duration_seconds", handler=self.handler),
            *histogram_series("request_preprocess_seconds", model_name=self.model),
            *self._predict_series(),
            *(labels_of(__name__=name, model_name=self.model) for name in gauges),
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
        exposed = scrape.world.replicas.phase == READY
        exposed[nodes.dead_pods(scrape.world)] = False
        return np.where(exposed[:, np.newaxis], rows, MISSING).ravel()

    def read(self, scrape: ScrapeContext) -> Floats:
        totals, queue = scrape.totals, scrape.world.queue
        slots = int((scrape.world.replicas.phase == READY).sum()) * scrape.params.concurrency
        if scrape.params.per_replica is not None:  # each slot holds a batch
            slots *= scrape.params.per_replica.batching.max_size
        return np.concatenate(
            [
                [totals.served, totals.failed, totals.shed, totals.timed_out],
                totals.latency.samples(),
                totals.dependency.samples(),
                self._predict_samples(scrape),
                [len(queue.waiting), server.in_service(queue, scrape.params.slots).sum(), slots],
            ]
        )
