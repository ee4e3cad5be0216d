"""Page-Hinkley test: a departure from the mean so far."""

from typing import Any

from simulator.monitors._river import RiverMonitor
from simulator.monitors._stream import On
from simulator.monitors._units import Distance, Rows
from simulator.registry import part


@part
class PageHinkley(RiverMonitor):
    """Sums the distances of values from their mean so far, in the unit of the stream.

    River's, with its defaults. Of errors (0 or 1) a threshold of 50 is fifty more than
    usual.

    References
    ----------
    Page, E. S. (1954). Continuous inspection schemes.
    """

    on: On = "errors"
    """The stream it watches: `features`, the `prediction` or the `errors` of labelled rows."""
    least: Rows = 30
    """Values before its first test."""
    delta: Distance = 0.005
    """The tolerated distance of a value."""
    threshold: Distance = 50.0
    """The sum that counts as drift."""

    def river_detector(self, drift: Any) -> Any:
        return drift.PageHinkley(
            min_instances=self.least, delta=self.delta, threshold=self.threshold
        )
