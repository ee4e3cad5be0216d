"""Cumulative sum chart: detects small lasting shifts."""

import math

from simulator.monitors._drift import DriftResult
from simulator.monitors._stream import StreamDetector, StreamMonitor
from simulator.monitors._units import Sigmas
from simulator.registry import part

OVERSHOOT = 0.583  # of a normal random walk over a boundary (Siegmund 1985, 10.2)


class Cusum:
    """Two one-sided sums of standard errors; a drift when one exceeds the limit.

    Parameters
    ----------
    slack : float
        Half the shift to be detected soonest.

    Examples
    --------
    >>> stream = Cusum()
    >>> for x in [0.3, -0.2, 2.0, 2.0, 2.0, 2.0]:
    ...     stream.update(x)
    >>> stream.drift_detected, round(stream.result.value, 2)
    (True, 6.0)
    """

    def __init__(self, slack: float = 0.5, limit: float = 5.0) -> None:
        self.slack, self.limit = slack, limit
        self.high = self.low = 0.0

    def update(self, x: float) -> None:
        """Take the next value; after a drift the sums restart."""
        if self.drift_detected:
            self.high = self.low = 0.0
        self.high = max(0.0, self.high + x - self.slack)
        self.low = max(0.0, self.low - x - self.slack)

    @property
    def drift_detected(self) -> bool:
        """Whether a sum exceeds the limit."""
        return max(self.high, self.low) > self.limit

    @property
    def result(self) -> DriftResult:
        """The larger sum, and the share of time above it without drift."""
        value = max(self.high, self.low)
        pvalue = 2.0 * math.exp(-2.0 * self.slack * (value + OVERSHOOT))
        return DriftResult(value, min(1.0, pvalue) if value else 1.0)


@part
class CUSUM(StreamMonitor):
    """Sums each mean's distance from the reference rows: the first to detect slow drift.

    With slack .5 and limit 5 a false alarm comes every 465 evaluations a column, a shift of
    one standard error is detected after 10.4. It resets after each drift, so that a lasting
    one is detected again and again.

    References
    ----------
    Page, E. S. (1954). Continuous inspection schemes.
    """

    standardized = True

    slack: Sigmas = 0.5
    """Half the shift to be detected soonest."""
    limit: Sigmas = 5.0
    """The sum that counts as drift."""

    def new_detector(self) -> StreamDetector:
        return Cusum(self.slack, self.limit)
