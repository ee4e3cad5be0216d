"""Envoy: the retry budget of the proxy in front of the model server."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

NAMES = (
    "envoy_cluster_upstream_rq_retry_overflow",
    "envoy_cluster_circuit_breakers_default_rq_retry_open",
    "envoy_cluster_circuit_breakers_default_remaining_retries",
)


class EnvoyExporter(Exporter):
    """Retries suppressed, whether the budget is exhausted, and the retries remaining.

    https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
    """

    job = "envoy"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.cluster = str(facts["pods"])

    def series(self) -> list[Labels]:
        return [labels_of(__name__=name, envoy_cluster_name=self.cluster) for name in NAMES]

    def read(self, scrape: ScrapeContext) -> Floats:
        budget = scrape.params.retry_budget
        assert budget is not None, "scraped only where a budget is declared"
        remaining = math.floor(min(budget.most, scrape.world.queue.guard.tokens))
        return np.array([scrape.totals.retries_suppressed, float(remaining < 1), remaining])
