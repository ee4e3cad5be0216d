"""ADWIN: a window that shrinks when its two parts differ."""

from typing import Any

from simulator.monitors._river import RiverMonitor
from simulator.monitors._stream import On
from simulator.registry import part
from simulator.units import Ratio


@part
class Adwin(RiverMonitor):
    """Adaptive windowing: detects a change of the mean of any stream without reference rows.

    River's, with its defaults: it tests at every 32nd value.

    References
    ----------
    Bifet, A. and Gavaldà, R. (2007). Learning from time-changing data with adaptive
    windowing.
    """

    on: On = "errors"
    """The stream it watches: `features`, the `prediction` or the `errors` of labelled rows."""
    delta: Ratio = 0.002
    """The probability of a false alarm."""

    def river_detector(self, drift: Any) -> Any:
        return drift.ADWIN(delta=self.delta)
