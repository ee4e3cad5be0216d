"""The model's quality and the data's, for which no standard names exist: `ml_...`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of

CHAMPION = "champion"  # MLflow's word for the version that serves
CANARY = "canary"


class System(collector.System):
    """What the label join and the monitors found, and which version is deployed."""

    job = "ml-monitor"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.model = str(facts["model"])
        self.watched = [(name, labels) for names in facts["monitored"] for name, labels in names]

    def series(self) -> list[Labels]:
        outcomes = [
            labels_of(__name__="ml_model_labels_total", model_name=self.model, outcome=outcome)
            for outcome in ("correct", "wrong")
        ]
        own = (
            "ml_model_label_lag_seconds",
            "ml_model_age_seconds",
            "ml_model_version",
            "ml_serving_build",
            "ml_predictions_total",
        )
        return (
            outcomes
            + [labels_of(__name__=name, model_name=self.model) for name in own]
            + [
                labels_of(labels, __name__=name, model_name=self.model)
                for name, labels in self.watched
            ]
        )

    def read(self, now: Reading) -> Floats:
        world = now.world
        total, correct, _, lag = world.labels.arrived
        born = world.trained.get(world.releases.model, {}).get("until", world.birth)
        return np.concatenate(
            [
                [
                    correct,
                    total - correct,
                    lag / total / 1000.0 if total else np.nan,
                    (world.now - born) / 1000.0,
                    world.releases.model,
                    world.releases.build["serving"],
                    now.totals.scored,
                ],
                *now.monitors.values,
            ]
        )

    def more(self, now: Reading) -> Iterable[tuple[Labels, float]]:
        # As MLflow's and KServe's exporters do: another version is another series.
        yield self._info(now.world.releases.model), 1.0
        if now.world.releases.canary:
            yield self._info(now.world.releases.canary, CANARY), 1.0

    def may(self) -> list[tuple[Labels, frozenset[str]]]:
        names = (CHAMPION, CANARY)
        return [(self._info(1, alias), frozenset({"version"})) for alias in names]

    def _info(self, version: int, alias: str = CHAMPION) -> Labels:
        own = {"model_name": self.model, "alias": alias}
        return labels_of(own, __name__="ml_model_info", version=str(version))
