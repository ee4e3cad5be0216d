"""Prometheus' own metrics: rule evaluations and notifications to Alertmanager."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

NAMES = (
    "prometheus_rule_group_iterations_total",
    "prometheus_rule_group_iterations_missed_total",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_notifications_sent_total",
    "prometheus_notifications_errors_total",
    "prometheus_notifications_dropped_total",
)


class PrometheusExporter(Exporter):
    """Counters summed over rule groups."""

    job = "prometheus"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        pass

    def series(self) -> list[Labels]:
        return [labels_of(__name__=name) for name in NAMES]

    def read(self, scrape: ScrapeContext) -> Floats:
        return np.array([scrape.totals.meta_monitoring[name] for name in NAMES], np.float64)
