"""Exponentially weighted moving average: between a single mean and the sum of all."""

from __future__ import annotations

import math
from typing import ClassVar

from simulator.monitors._batch import Found
from simulator.monitors._stream import Stream, StreamMonitor
from simulator.monitors._tails import normal_tail
from simulator.monitors._units import Sigmas
from simulator.registry import part
from simulator.units import Ratio


class Average:
    """An average that forgets, in its own standard deviations.

    Parameters
    ----------
    weight : float
        Of the newest value.
    limit : float

    Examples
    --------
    >>> stream = Average(weight=0.5)
    >>> for x in [2.0, 2.0, 2.0]:
    ...     stream.update(x)
    >>> stream.drift_detected, round(stream.found.value, 2)  # 1.75, of deviation .573
    (True, 3.06)
    """

    def __init__(self, weight: float = 0.1, limit: float = 2.814) -> None:
        self.weight, self.limit = weight, limit
        self.mean = self.variance = 0.0

    def update(self, x: float) -> None:
        """Take the next value; a drift found before it begins a new average."""
        if self.drift_detected:
            self.mean = self.variance = 0.0
        self.mean += self.weight * (x - self.mean)
        self.variance = (1.0 - self.weight) ** 2 * self.variance + self.weight**2

    @property
    def drift_detected(self) -> bool:
        """Whether the average lies outside the limits."""
        return abs(self.found.value) > self.limit

    @property
    def found(self) -> Found:
        """The average and the normal distribution's two tails beyond it."""
        value = self.mean / math.sqrt(self.variance) if self.variance else 0.0
        return Found(value, 2.0 * normal_tail(abs(value)))


@part
class EWMA(StreamMonitor):
    """Averages how far each mean lies from the reference rows, the newest most.

    With weight .1 and limit 2.814 a false alarm comes every 500 looks a column, a shift of
    one standard error is found after 10.3, from a fresh start after 8.2.

    References
    ----------
    Roberts, S. W. (1959). Control chart tests based on geometric moving averages.
    Lucas, J. M. and Saccucci, M. S. (1990). EWMA control schemes: properties and
    enhancements.
    """

    standard: ClassVar[bool] = True

    weight: Ratio = 0.1
    """Of the newest mean."""
    limit: Sigmas = 2.814
    """The average that counts as drift."""

    def stream(self) -> Stream:
        return Average(self.weight, self.limit)
