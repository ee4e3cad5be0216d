"""Quality of the model and of its data; no standard names exist, so `ml_...`."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

CHAMPION = "champion"  # MLflow's word for the version that serves
CANARY = "canary"


class MLModelExporter(Exporter):
    """Results of the label join and the monitors, and the deployed versions."""

    job = "ml-monitor"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.model = str(facts["model"])
        self.monitored = [(name, labels) for names in facts["monitored"] for name, labels in names]

    def series(self) -> list[Labels]:
        outcomes = [
            labels_of(__name__="ml_model_labels_total", model_name=self.model, outcome=outcome)
            for outcome in ("correct", "wrong")
        ]
        gauges = (
            "ml_model_label_lag_seconds",
            "ml_model_age_seconds",
            "ml_model_version",
            "ml_serving_build",
            "ml_predictions_total",
        )
        return (
            outcomes
            + [labels_of(__name__=name, model_name=self.model) for name in gauges]
            + [
                labels_of(labels, __name__=name, model_name=self.model)
                for name, labels in self.monitored
            ]
        )

    def read(self, scrape: ScrapeContext) -> Floats:
        world = scrape.world
        total, correct, *_, lag = world.labels.arrived
        born = world.trained.get(world.releases.model, {}).get("until", world.initial_training_at)
        return np.concatenate(
            [
                [
                    correct,
                    total - correct,
                    lag / total / 1000.0 if total else np.nan,
                    (world.now - born) / 1000.0,
                    world.releases.model,
                    world.releases.build["serving"],
                    scrape.totals.scored,
                ],
                *scrape.monitors.values,
            ]
        )

    def dynamic_series(self, scrape: ScrapeContext) -> Iterable[tuple[Labels, float]]:
        # As in MLflow's and KServe's exporters, another version is another series.
        yield self._info(scrape.world.releases.model), 1.0
        if scrape.world.releases.canary:
            yield self._info(scrape.world.releases.canary, CANARY), 1.0

    def dynamic_series_examples(self) -> list[tuple[Labels, frozenset[str]]]:
        aliases = (CHAMPION, CANARY)
        return [(self._info(1, alias), frozenset({"version"})) for alias in aliases]

    def _info(self, version: int, alias: str = CHAMPION) -> Labels:
        labels = {"model_name": self.model, "alias": alias, "version": str(version)}
        return labels_of(labels, __name__="ml_model_info")
