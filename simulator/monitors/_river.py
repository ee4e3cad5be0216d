"""River's detectors as stream detectors."""

import math
from typing import Any

from simulator.monitors import _extras
from simulator.monitors._drift import DriftResult
from simulator.monitors._stream import StreamDetector, StreamMonitor


class RiverStream:
    """Adapter of one of river's detectors.

    Notes
    -----
    Its statistic is the mean of the values since its last drift: of a stream of errors, the
    error rate of the present concept.
    """

    def __init__(self, detector: Any) -> None:
        self.detector = detector
        self.count, self.total = 0, 0.0

    def update(self, x: float) -> None:
        """Take the next value; river's detectors reset themselves after a drift."""
        if self.drift_detected:
            self.count, self.total = 0, 0.0
        self.detector.update(x)
        self.count, self.total = self.count + 1, self.total + x

    @property
    def drift_detected(self) -> bool:
        """Whether river detected a drift at the last value."""
        return bool(self.detector.drift_detected)

    @property
    def result(self) -> DriftResult:
        """The mean since the last drift, and the p-value of detectors with one (KSWIN)."""
        mean = self.total / self.count if self.count else math.nan
        # KSWIN's p-value is 0 as long as its window is not full.
        return DriftResult(mean, float(getattr(self.detector, "p_value", 0.0)) or math.nan)


class RiverMonitor(StreamMonitor):
    """Base of monitors with one of river's detectors: the extra `drift`."""

    requires = ("river", "drift")
    has_pvalue = False

    def new_detector(self) -> StreamDetector:
        return RiverStream(self.river_detector(_extras.load("river.drift", "drift")))

    def river_detector(self, drift: Any) -> Any:
        """A fresh detector from the module `river.drift`."""
        raise NotImplementedError
