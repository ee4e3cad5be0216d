"""Istio: requests by the pool of replicas that got them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.serving.replica_pools import CODES, MAIN
from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.exporters.kubernetes import NAMESPACE

NAME = "istio_requests_total"


class IstioExporter(Exporter):
    """Requests by deployment and code, as the server's side reports them.

    https://istio.io/latest/docs/reference/config/metrics/
    """

    job = "istio"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.pools = [MAIN, *(pool["name"] for pool in facts["serving_pools"])]
        self.workloads = [facts["pods"], *(pool["pods"] for pool in facts["serving_pools"])]

    def series(self) -> list[Labels]:
        common = {"reporter": "destination", "destination_workload_namespace": NAMESPACE}
        return [
            labels_of(common, __name__=NAME, destination_workload=workload, response_code=code)
            for workload in self.workloads
            for code in CODES
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        counts = scrape.totals.by_pool
        return np.array([counts[f"{pool}/{code}"] for pool in self.pools for code in CODES], float)
