"""The canary against its control: the same hour and customers, another version."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Column, Floats, Monitor, MonitorView, SeriesName, part

VARIANTS = ("canary", "control")


@part
class Canary(Monitor):
    """The predictions of a canary and its control, and the accuracy of each, from logged rows.

    Without a canary its values are NaN. Accuracy waits for labels; the predictions are there
    at once.
    """

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        return [
            (f"ml_variant_{name}", {"variant": variant})
            for variant in VARIANTS
            for name in ("accuracy", "labels_in_window", "positive_ratio")
        ]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        labelled = view.labelled(self.window)
        values = []
        for variant in VARIANTS:
            from_canary = variant == "canary"
            counts = labelled.among(labelled.canary == from_canary).counts
            positive = view.variant_decisions(self.window, from_canary)
            values += [
                counts.accuracy,
                counts.total,
                positive.mean() if len(positive) else np.nan,
            ]
        return np.array(values, np.float64)
