"""Page-Hinkley test: a mean that leaves the mean so far."""

from __future__ import annotations

from typing import Any

from simulator.monitors._river import RiverMonitor
from simulator.monitors._stream import On
from simulator.monitors._units import Distance, Rows
from simulator.registry import part


@part
class PageHinkley(RiverMonitor):
    """Adds up how far values lie from their mean so far, in the unit of what it watches.

    River's, with its defaults. Of errors (0 or 1) a threshold of 50 is fifty more than
    usual.

    References
    ----------
    Page, E. S. (1954). Continuous inspection schemes.
    """

    on: On = "errors"
    """What it watches: `features`, the `prediction` or the `errors` of labelled rows."""
    least: Rows = 30
    """Values before it may find anything."""
    delta: Distance = 0.005
    """What a value may differ for nothing."""
    threshold: Distance = 50.0
    """The sum that counts as drift."""

    def detector(self, drift: Any) -> Any:
        return drift.PageHinkley(
            min_instances=self.least, delta=self.delta, threshold=self.threshold
        )
