"""Alertmanager about itself: what it sent and what was refused, an integration each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of

NAMES = (
    "alertmanager_notifications_total",
    "alertmanager_notifications_failed_total",
    "alertmanager_notification_requests_total",
    "alertmanager_notification_requests_failed_total",
)


class System(collector.System):
    """Notifications, and the requests that each of them took."""

    job = "alertmanager"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.kinds = list(facts["integrations"])

    def series(self) -> list[Labels]:
        return [labels_of(__name__=name, integration=kind) for name in NAMES for kind in self.kinds]

    def read(self, now: Reading) -> Floats:
        counts = [now.totals.watching[f"{name}/{kind}"] for name in NAMES for kind in self.kinds]
        return np.array(counts, np.float64)
