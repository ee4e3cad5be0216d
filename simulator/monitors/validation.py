"""Rules that rows must keep: ranges and nulls, as a validation stage states them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from simulator.faults import Feature
from simulator.monitors import Labelled, Monitor, Seen
from simulator.pipeline.data import Column
from simulator.pipeline.world import Floats
from simulator.registry import part
from simulator.units import Duration, Number, Ratio


class Rule(BaseModel):
    """What one column must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    feature: Feature
    min: Number | None = None
    max: Number | None = None
    nulls: Ratio = 1.0


@part
class Validation(Monitor):
    """Counts the rows, scored since it last ran, that break each rule.

    A rule over nulls counts the nulls beyond the share that it allows.
    """

    every: Duration = 60_000
    """How often it counts."""
    window: Duration = 60_000
    """Not used: it counts every row once."""
    rules: tuple[Rule, ...] = ()
    """What must hold."""

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        return [("ml_validation_failures_total", {"rule": rule.rule}) for rule in self.rules] + [
            ("ml_validation_rows_total", {})
        ]

    def look(self, seen: Seen, before: Floats) -> Floats:
        rows = seen.rows(self.every)
        names = [column.name for column in seen.columns]
        broken = [_broken(rule, rows[:, names.index(rule.feature)]) for rule in self.rules]
        counted: Floats = np.nan_to_num(before) + np.array([*broken, len(rows)])
        return counted


def _broken(rule: Rule, values: Floats) -> float:
    nulls = np.isnan(values).sum() - rule.nulls * len(values)
    low = (values < rule.min).sum() if rule.min is not None else 0
    high = (values > rule.max).sum() if rule.max is not None else 0
    return float(max(0.0, np.floor(nulls)) + low + high)
