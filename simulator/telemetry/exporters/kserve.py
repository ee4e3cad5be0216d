"""KServe: the model server's own histograms and the HTTP front before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import nodes
from simulator.pipeline.serving import server
from simulator.pipeline.world import READY
from simulator.telemetry import collector
from simulator.telemetry.collector import BUCKETS, Reading, histogram
from simulator.telemetry.exporters.kubernetes import NAMESPACE
from simulator.telemetry.store import MISSING, Labels, labels_of

CODES = ("200", "500", "503", "504")


class System(collector.System):
    """Requests by code, latency, and the parts of it.

    Where nodes are told of, the model's part is told by pod: a node shows in those that it has.
    """

    job = "kserve"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.model = str(facts["model"])
        self.handler = f"/v1/models/{self.model}:predict"
        self.apart = int(facts["slots"]) if facts.get("nodes") else 0
        self.pods = [f"{facts['pods']}-{i}" for i in range(self.apart)]

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
            *histogram("http_request_duration_seconds", handler=self.handler),
            *histogram("request_preprocess_seconds", model_name=self.model),
            *self._predict(),
            *(labels_of(__name__=name, model_name=self.model) for name in gauges),
        ]

    def _predict(self) -> list[Labels]:
        name, model = "request_predict_seconds", {"model_name": self.model}
        if not self.apart:
            return histogram(name, BUCKETS, **model)
        own = [histogram(name, BUCKETS, **model, namespace=NAMESPACE, pod=pod) for pod in self.pods]
        return [labels for one in own for labels in one]

    def _predicted(self, now: Reading) -> Floats:
        """Of pods that are ready and can be reached."""
        if not self.apart:
            return now.totals.predict.row()
        rows = np.array([one.row() for one in now.totals.by_pod])
        there = now.world.replicas.phase == READY
        there[nodes.gone(now.world)] = False
        return np.where(there[:, np.newaxis], rows, MISSING).ravel()

    def read(self, now: Reading) -> Floats:
        totals, queue = now.totals, now.world.queue
        slots = int((now.world.replicas.phase == READY).sum()) * now.params.concurrency
        if now.params.lanes is not None:  # each has room for a batch
            slots *= now.params.lanes.batching.max_size
        return np.concatenate(
            [
                [totals.served, totals.failed, totals.shed, totals.timed_out],
                totals.latency.row(),
                totals.dependency.row(),
                self._predicted(now),
                [len(queue.waiting), server.in_service(queue, now.params.slots).sum(), slots],
            ]
        )
