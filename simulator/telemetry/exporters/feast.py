"""Feast: how fresh the feature views are, and what reads from them find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.model import feature_store
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading, histogram
from simulator.telemetry.store import Labels, labels_of


class System(collector.System):
    """Freshness, materializations and read results, a feature view each."""

    job = "feast"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.project = str(facts["model"]).replace("-", "_")
        self.views = list(facts["views"])
        laws = list(facts["jobs"])
        self.places = {
            view: [i for i, law in enumerate(laws) if law.view == view] for view in self.views
        }

    def series(self) -> list[Labels]:
        together = ",".join(self.views)
        statuses = [
            labels_of(
                __name__="feast_online_features_status_total", feature_view=together, status=status
            )
            for status in ("PRESENT", "NULL_VALUE", "OUTSIDE_MAX_AGE")
        ]
        latency = histogram("feast_feature_server_request_latency_seconds")
        return [each for view in self.views for each in self._of(view)] + statuses + latency

    def _of(self, view: str) -> list[Labels]:
        own = {"feature_view": view, "project": self.project}
        result = "feast_materialization_result_total"
        return [
            labels_of(__name__="feast_feature_freshness_seconds", **own),
            labels_of(__name__=result, status="success", **own),
            labels_of(__name__=result, status="failure", **own),
            labels_of(__name__="feast_materialization_rows_total", **own),
        ]

    def read(self, now: Reading) -> Floats:
        world, totals = now.world, now.totals
        found: list[float] = []
        for view in self.views:
            places = self.places[view]
            found += [
                feature_store.age_ms(world, view) / 1000.0,
                float(world.jobs.succeeded[places].sum()),
                float(world.jobs.failed[places].sum()),
                float(world.store.written[view]),
            ]
        found += [totals.present, totals.null, totals.outside_max_age]
        return np.concatenate([found, totals.dependency.row()])
