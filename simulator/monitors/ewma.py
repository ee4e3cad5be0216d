"""Exponentially weighted moving average of standard errors."""

import math

from simulator.monitors._drift import DriftResult
from simulator.monitors._stream import StreamDetector, StreamMonitor
from simulator.monitors._tails import normal_tail
from simulator.monitors._units import Sigmas
from simulator.registry import part
from simulator.units import Ratio


class Average:
    """An exponentially weighted average, in its own standard deviations.

    Parameters
    ----------
    weight : float
        Of the newest value.

    Examples
    --------
    >>> stream = Average(weight=0.5)
    >>> for x in [2.0, 2.0, 2.0]:
    ...     stream.update(x)
    >>> stream.drift_detected, round(stream.result.value, 2)  # 1.75, of deviation .573
    (True, 3.06)
    """

    def __init__(self, weight: float = 0.1, limit: float = 2.814) -> None:
        self.weight, self.limit = weight, limit
        self.mean = self.variance = 0.0

    def update(self, x: float) -> None:
        """Take the next value; after a drift the average restarts."""
        if self.drift_detected:
            self.mean = self.variance = 0.0
        self.mean += self.weight * (x - self.mean)
        self.variance = (1.0 - self.weight) ** 2 * self.variance + self.weight**2

    @property
    def drift_detected(self) -> bool:
        """Whether the average lies outside the limits."""
        return abs(self.result.value) > self.limit

    @property
    def result(self) -> DriftResult:
        """The average, and the two-sided p-value of the normal distribution."""
        value = self.mean / math.sqrt(self.variance) if self.variance else 0.0
        return DriftResult(value, 2.0 * normal_tail(abs(value)))


@part
class EWMA(StreamMonitor):
    """Averages each mean's distance from the reference rows, the newest weighted most.

    With weight .1 and limit 2.814 a false alarm comes every 500 evaluations a column, a shift
    of one standard error is detected after 10.3, from a fresh start after 8.2.

    References
    ----------
    Roberts, S. W. (1959). Control chart tests based on geometric moving averages.
    Lucas, J. M. and Saccucci, M. S. (1990). EWMA control schemes: properties and
    enhancements.
    """

    standardized = True

    weight: Ratio = 0.1
    """Of the newest mean."""
    limit: Sigmas = 2.814
    """The average that counts as drift."""

    def new_detector(self) -> StreamDetector:
        return Average(self.weight, self.limit)
