"""Shewhart chart: single means outside the limits."""

import math

from simulator.monitors._drift import DriftResult
from simulator.monitors._stream import StreamDetector, StreamMonitor
from simulator.monitors._tails import normal_tail
from simulator.monitors._units import Sigmas
from simulator.registry import part


class Chart:
    """The last value, in standard errors; a drift if it lies outside the limits.

    Examples
    --------
    >>> stream = Chart()
    >>> stream.update(-3.2)
    >>> stream.drift_detected, round(stream.result.pvalue, 4)
    (True, 0.0014)
    """

    def __init__(self, limit: float = 3.0) -> None:
        self.limit, self.last = limit, math.nan

    def update(self, x: float) -> None:
        """Take the next value; earlier ones have no effect."""
        self.last = x

    @property
    def drift_detected(self) -> bool:
        """Whether the value lies outside the limits."""
        return abs(self.last) > self.limit

    @property
    def result(self) -> DriftResult:
        """The value, and the two-sided p-value of the normal distribution."""
        return DriftResult(self.last, 2.0 * normal_tail(abs(self.last)))


@part
class Shewhart(StreamMonitor):
    """The distance of each mean from the reference rows in standard errors.

    With limit 3 a false alarm comes every 370 evaluations a column: every half hour with
    twelve columns and one a minute. A shift of one standard error is detected after 44.

    References
    ----------
    Shewhart, W. A. (1931). Economic control of quality of manufactured product.
    """

    standardized = True

    limit: Sigmas = 3.0
    """The distance that counts as drift."""

    def new_detector(self) -> StreamDetector:
        return Chart(self.limit)
