"""How far a change has come by a time: at once, by and by, again and again, with the seasons."""

from __future__ import annotations

import math
from typing import Literal

from simulator.faults import Bite, Fault
from simulator.units import Duration


class Timed(Fault):
    """Base of faults that are not of one strength all the time.

    Sudden without further words, gradual with a `ramp`, recurring with a `period` (on for
    its first half, off for the second), seasonal with a `period` and `shape: wave`.
    """

    ramp: Duration = 0
    """How long it takes to get to its full strength; 0 for a sudden change."""
    period: Duration = 0
    """How often it comes back; 0 for a change that stays."""
    shape: Literal["square", "wave"] = "square"
    """Whether it is on and off, or swells and ebbs away; with a `period` only."""

    def done(self, bite: Bite) -> float:
        """How much of its full strength it has now, 0 to 1.

        Examples
        --------
        >>> one = Timed(ramp="1h", period="4h")
        >>> [one.done(Bite("it", minutes * 60_000)) for minutes in (0, 30, 90, 130, 250)]
        [0.0, 0.5, 1.0, 0.0, 1.0]
        >>> Timed(period="4h", shape="wave").done(Bite("it", 60 * 60_000))
        0.5
        """
        grown = min(1.0, bite.since / self.ramp) if self.ramp else 1.0
        if not self.period:
            return grown
        turn = bite.since % self.period / self.period
        if self.shape == "square":
            return grown if turn < 0.5 else 0.0
        return grown * round(0.5 - 0.5 * math.cos(2.0 * math.pi * turn), 12)
