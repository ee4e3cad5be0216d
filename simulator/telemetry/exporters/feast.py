"""Feast: freshness of the feature views, and the outcomes of online reads."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.model import feature_store
from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.totals import histogram_series


class FeastExporter(Exporter):
    """Freshness, materializations and read outcomes per feature view."""

    job = "feast"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.project = str(facts["model"]).replace("-", "_")
        self.views = list(facts["views"])
        laws = list(facts["jobs"])
        self.jobs_of = {
            view: [i for i, law in enumerate(laws) if law.view == view] for view in self.views
        }

    def series(self) -> list[Labels]:
        all_views = ",".join(self.views)
        statuses = [
            labels_of(
                __name__="feast_online_features_status_total", feature_view=all_views, status=status
            )
            for status in ("PRESENT", "NULL_VALUE", "OUTSIDE_MAX_AGE")
        ]
        latency = histogram_series("feast_feature_server_request_latency_seconds")
        views = [labels for view in self.views for labels in self._view_series(view)]
        return views + statuses + latency

    def _view_series(self, view: str) -> list[Labels]:
        view_labels = {"feature_view": view, "project": self.project}
        result = "feast_materialization_result_total"
        return [
            labels_of(__name__="feast_feature_freshness_seconds", **view_labels),
            labels_of(__name__=result, status="success", **view_labels),
            labels_of(__name__=result, status="failure", **view_labels),
            labels_of(__name__="feast_materialization_rows_total", **view_labels),
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        world, totals = scrape.world, scrape.totals
        values: list[float] = []
        for view in self.views:
            jobs = self.jobs_of[view]
            values += [
                feature_store.age_ms(world, view) / 1000.0,
                float(world.jobs.succeeded[jobs].sum()),
                float(world.jobs.failed[jobs].sum()),
                float(world.store.written[view]),
            ]
        values += [totals.present, totals.null, totals.outside_max_age]
        latency = totals.dependency.samples()
        # Requests that read nothing stand in every bucket, with 0 s: all but the sum counts them.
        latency[:-2] -= totals.unread
        latency[-1] -= totals.unread
        return np.concatenate([values, latency])
