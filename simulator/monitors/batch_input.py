"""The rows that the sources of batch jobs have delivered, beside those that are expected."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Column, Floats, Monitor, MonitorView, SeriesName, part


@part
class BatchInput(Monitor):
    """The share of the expected rows in the newest partition of the emptiest source of a job.

    Jobs check that a partition exists; this counts its rows, as volume checks of data observability
    do. It has no window.
    """

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        return [("ml_batch_input_rows_ratio", {})]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        return np.array([view.delivered_share])
