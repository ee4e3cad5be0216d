"""ADWIN: a window that shrinks where its two ends differ."""

from __future__ import annotations

from typing import Any

from simulator.monitors._river import RiverMonitor
from simulator.monitors._stream import On
from simulator.registry import part
from simulator.units import Ratio


@part
class Adwin(RiverMonitor):
    """Adaptive windowing: needs no reference rows, finds a change of the mean of any stream.

    River's, with its defaults: it looks for a change at every 32nd value.

    References
    ----------
    Bifet, A. and Gavaldà, R. (2007). Learning from time-changing data with adaptive
    windowing.
    """

    on: On = "errors"
    """What it watches: `features`, the `prediction` or the `errors` of labelled rows."""
    delta: Ratio = 0.002
    """The probability of finding a change where there is none."""

    def detector(self, drift: Any) -> Any:
        return drift.ADWIN(delta=self.delta)
