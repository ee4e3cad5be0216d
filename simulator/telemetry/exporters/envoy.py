"""Envoy: the proxy before the model server, about the budget for retries that it keeps to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of

NAMES = (
    "envoy_cluster_upstream_rq_retry_overflow",
    "envoy_cluster_circuit_breakers_default_rq_retry_open",
    "envoy_cluster_circuit_breakers_default_remaining_retries",
)


class System(collector.System):
    """Retries that it did not send, whether it would send one, and how many.

    https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
    """

    job = "envoy"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.cluster = str(facts["pods"])

    def series(self) -> list[Labels]:
        return [labels_of(__name__=name, envoy_cluster_name=self.cluster) for name in NAMES]

    def read(self, now: Reading) -> Floats:
        budget = now.params.budget
        assert budget is not None, "it is scraped where there is one"
        left = math.floor(min(budget.most, now.world.queue.guard.tokens))
        return np.array([now.totals.spared, float(left < 1), left])
