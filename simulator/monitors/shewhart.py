"""Shewhart chart: single means that lie too far off."""

from __future__ import annotations

import math
from typing import ClassVar

from simulator.monitors._batch import Found
from simulator.monitors._stream import Stream, StreamMonitor
from simulator.monitors._tails import normal_tail
from simulator.monitors._units import Sigmas
from simulator.registry import part


class Chart:
    """The last value, in standard errors; a drift where it lies outside the limits.

    Examples
    --------
    >>> stream = Chart()
    >>> stream.update(-3.2)
    >>> stream.drift_detected, round(stream.found.pvalue, 4)
    (True, 0.0014)
    """

    def __init__(self, limit: float = 3.0) -> None:
        self.limit, self.last = limit, math.nan

    def update(self, x: float) -> None:
        """Take the next value; it has no memory of those before."""
        self.last = x

    @property
    def drift_detected(self) -> bool:
        """Whether it lies outside the limits."""
        return abs(self.last) > self.limit

    @property
    def found(self) -> Found:
        """The value, and the normal distribution's two tails beyond it."""
        return Found(self.last, 2.0 * normal_tail(abs(self.last)))


@part
class Shewhart(StreamMonitor):
    """Says how many standard errors each mean lies from the reference rows.

    With limit 3 a false alarm comes every 370 looks a column: with twelve columns every
    half hour if it looks once a minute. A shift of one standard error is found after 44.

    References
    ----------
    Shewhart, W. A. (1931). Economic control of quality of manufactured product.
    """

    standard: ClassVar[bool] = True

    limit: Sigmas = 3.0
    """The distance that counts as drift."""

    def stream(self) -> Stream:
        return Chart(self.limit)
