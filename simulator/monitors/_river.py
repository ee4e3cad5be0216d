"""River's detectors behind the protocol of streams."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from simulator.monitors import _extras
from simulator.monitors._batch import Found
from simulator.monitors._stream import Stream, StreamMonitor

NEEDS = ("river", "drift")


class River:
    """One of river's detectors.

    Parameters
    ----------
    detector : river.base.DriftDetector

    Notes
    -----
    Its value is the mean of what it took since its last drift: of a stream of errors, the
    error rate of the present concept.
    """

    def __init__(self, detector: Any) -> None:
        self.detector = detector
        self.count, self.total = 0, 0.0

    def update(self, x: float) -> None:
        """Take the next value; river's detectors begin anew after a drift by themselves."""
        if self.drift_detected:
            self.count, self.total = 0, 0.0
        self.detector.update(x)
        self.count, self.total = self.count + 1, self.total + x

    @property
    def drift_detected(self) -> bool:
        """What river says."""
        return bool(self.detector.drift_detected)

    @property
    def found(self) -> Found:
        """The mean since the last drift, and the p-value of those that have one (KSWIN)."""
        level = self.total / self.count if self.count else math.nan
        # KSWIN says 0 as long as its window is not full.
        return Found(level, float(getattr(self.detector, "p_value", 0.0)) or math.nan)


class RiverMonitor(StreamMonitor):
    """Base of monitors that work with river's detectors: the extra `drift`."""

    needs: ClassVar[tuple[str, str]] = NEEDS
    has_pvalue: ClassVar[bool] = False

    def stream(self) -> Stream:
        return River(self.detector(_extras.load("river.drift", "drift")))

    def detector(self, drift: Any) -> Any:
        """A fresh detector, made of the module `river.drift`."""
        raise NotImplementedError
