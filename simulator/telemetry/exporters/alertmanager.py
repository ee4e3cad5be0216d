"""Alertmanager's own metrics: notifications sent and failed, per integration."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

NAMES = (
    "alertmanager_notifications_total",
    "alertmanager_notifications_failed_total",
    "alertmanager_notification_requests_total",
    "alertmanager_notification_requests_failed_total",
)


class AlertmanagerExporter(Exporter):
    """Notifications, and the requests that they took."""

    job = "alertmanager"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.integrations = list(facts["integrations"])

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__=name, integration=integration)
            for name in NAMES
            for integration in self.integrations
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        counts = [
            scrape.totals.meta_monitoring[f"{name}/{integration}"]
            for name in NAMES
            for integration in self.integrations
        ]
        return np.array(counts, np.float64)
