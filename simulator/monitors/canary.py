"""The canary beside its control: the same hour, the same customers, another version."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Labelled, Monitor, Seen
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import part

VARIANTS = ("canary", "control")


@part
class Canary(Monitor):
    """What a canary and its control answer, and how often each is right, from logged rows.

    Without a canary there is nothing to compare: its values are not there. Labels come as late
    as ever; what is answered is seen at once.
    """

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        return [
            (f"ml_variant_{name}", {"variant": variant})
            for variant in VARIANTS
            for name in ("accuracy", "labels_in_window", "positive_ratio")
        ]

    def look(self, seen: Seen, before: Floats) -> Floats:
        score, label, joined = seen.by_variant(self.window)
        found = []
        for variant in VARIANTS:
            mine = joined == (variant == "canary")
            right = (score[mine] > 0) == (label[mine] == 1)
            answered = seen.answered(self.window, variant == "canary")
            found += [
                right.mean() if len(right) else np.nan,
                len(right),
                (answered > 0).mean() if len(answered) else np.nan,
            ]
        return np.array(found, np.float64)
