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
        right, from_canary = view.correct_by_variant(self.window)
        values = []
        for variant in VARIANTS:
            correct = right[from_canary == (variant == "canary")]
            positive = view.variant_decisions(self.window, variant == "canary")
            values += [
                correct.mean() if len(correct) else np.nan,
                len(correct),
                positive.mean() if len(positive) else np.nan,
            ]
        return np.array(values, np.float64)
