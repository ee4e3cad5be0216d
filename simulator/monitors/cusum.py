"""Cumulative sum chart: small shifts that stay."""

from __future__ import annotations

import math
from typing import ClassVar

from simulator.monitors._batch import Found
from simulator.monitors._stream import Stream, StreamMonitor
from simulator.monitors._units import Sigmas
from simulator.registry import part

OVERSHOOT = 0.583  # of a normal random walk over a boundary (Siegmund 1985, 10.2)


class Cusum:
    """Two one-sided sums of standard errors; a drift where one exceeds the limit.

    Parameters
    ----------
    slack : float
        Half the shift that shall be found soonest.
    limit : float

    Examples
    --------
    >>> stream = Cusum()
    >>> for x in [0.3, -0.2, 2.0, 2.0, 2.0, 2.0]:
    ...     stream.update(x)
    >>> stream.drift_detected, round(stream.found.value, 2)
    (True, 6.0)
    """

    def __init__(self, slack: float = 0.5, limit: float = 5.0) -> None:
        self.slack, self.limit = slack, limit
        self.high = self.low = 0.0

    def update(self, x: float) -> None:
        """Take the next value; a drift found before it begins a new sum."""
        if self.drift_detected:
            self.high = self.low = 0.0
        self.high = max(0.0, self.high + x - self.slack)
        self.low = max(0.0, self.low - x - self.slack)

    @property
    def drift_detected(self) -> bool:
        """Whether a sum exceeds the limit."""
        return max(self.high, self.low) > self.limit

    @property
    def found(self) -> Found:
        """The larger sum, and the share of time that such sums are exceeded without drift."""
        value = max(self.high, self.low)
        above = 2.0 * math.exp(-2.0 * self.slack * (value + OVERSHOOT))
        return Found(value, min(1.0, above) if value else 1.0)


@part
class CUSUM(StreamMonitor):
    """Adds up how far each mean lies from the reference rows: finds slow drift first.

    With slack .5 and limit 5 a false alarm comes every 465 looks a column, a shift of one
    standard error is found after 10.4. It begins anew after each drift found, so one that
    stays is found again and again.

    References
    ----------
    Page, E. S. (1954). Continuous inspection schemes.
    """

    standard: ClassVar[bool] = True

    slack: Sigmas = 0.5
    """Half the shift that shall be found soonest."""
    limit: Sigmas = 5.0
    """The sum that counts as drift."""

    def stream(self) -> Stream:
        return Cusum(self.slack, self.limit)
