"""Hours of the day are those of another zone."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Quantity
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import Pool, RowLaw, Turned
from simulator.registry import part
from simulator.units import Factor, Number


@part
class TimeZoneShift(ColumnFault):
    """A column that goes round, as the hour of the day does, is some hours off.

    Daylight saving that one side forgot, a clock in UTC: each value is a right one, at a wrong
    time, so that over whole days its distribution hardly moves. The owner of the source mends
    it (`fix_upstream`).
    """

    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    hours: Number = 5.0
    """How far it is off, in its own unit."""
    turn: Factor = 24.0
    """Where it begins again."""

    def law(self, fault: str, column: int, pool: Pool) -> RowLaw | None:
        if self.hours % self.turn == 0:
            return None
        return Turned(fault, column, self.share, offset=self.hours, turn=self.turn)
