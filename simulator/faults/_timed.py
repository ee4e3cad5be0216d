"""Base of faults whose strength changes with time: gradual, recurring, seasonal."""

import math
from typing import Literal

from simulator.faults import Fault, FaultTick
from simulator.units import Duration


class TimedFault(Fault):
    """Base of faults whose strength changes with time.

    Sudden by default, gradual with a `ramp`, recurring with a `period` (on for
    its first half, off for the second), seasonal with a `period` and `shape: wave`.
    """

    ramp: Duration = 0
    """The time to full strength; 0 for a sudden change."""
    period: Duration = 0
    """The time between two onsets; 0 for a lasting change."""
    shape: Literal["square", "wave"] = "square"
    """On and off, or swelling and ebbing; with a `period` only."""

    def strength(self, tick: FaultTick) -> float:
        """Its present share of the full strength, 0 to 1.

        Examples
        --------
        >>> fault = TimedFault(ramp="1h", period="4h")
        >>> [fault.strength(FaultTick("it", minutes * 60_000)) for minutes in (0, 30, 90, 130, 250)]
        [0.0, 0.5, 1.0, 0.0, 1.0]
        >>> TimedFault(period="4h", shape="wave").strength(FaultTick("it", 60 * 60_000))
        0.5
        """
        grown = min(1.0, tick.active_ms / self.ramp) if self.ramp else 1.0
        if not self.period:
            return grown
        phase = tick.active_ms % self.period / self.period
        if self.shape == "square":
            return grown if phase < 0.5 else 0.0
        return grown * round(0.5 - 0.5 * math.cos(2.0 * math.pi * phase), 12)
