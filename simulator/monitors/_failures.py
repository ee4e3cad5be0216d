"""Base of monitors that count the rows that violate rules."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from simulator.monitors import Column, Floats, Monitor, MonitorView, SeriesName
from simulator.units import Duration


class FailureCounter(Monitor):
    """Base of monitors that count each row scored since their last run once, by violated rule.

    Class attributes
    ----------------
    rows_series : the series of all rows.
    """

    rows_series: ClassVar[str]

    every: Duration = 60_000
    """How often it counts."""
    window: Duration = 60_000
    """How far it looks back on its first run; later it counts every row once."""

    def rule_names(self, columns: Sequence[Column]) -> list[str]:
        """The labels `rule` of its series."""
        raise NotImplementedError

    def failures(self, view: MonitorView, rows: Floats, span: int) -> Sequence[float]:
        """The rows, of the last `span` ms, that violate each rule."""
        raise NotImplementedError

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        names = self.rule_names(columns)
        failures = [("ml_validation_failures_total", {"rule": name}) for name in names]
        return [*failures, (self.rows_series, {})]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        span = view.now - view.state.get("through", view.now - self.window)
        view.state["through"] = view.now
        rows = view.rows(span)
        counts = [*self.failures(view, rows, span), float(len(rows))]
        totals: Floats = np.nan_to_num(previous) + np.array(counts)
        return totals
