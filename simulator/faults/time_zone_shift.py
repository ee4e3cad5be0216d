"""Hours of the day are in another time zone."""

from simulator.faults import Quantity, part
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import CyclicShift, RowLaw, RowPool
from simulator.units import Factor, Number


@part
class TimeZoneShift(ColumnFault):
    """A cyclic column, such as the hour of the day, is some hours off.

    Daylight saving on one side only, a clock in UTC: each value is a valid one, at a wrong time, so
    that over whole days its distribution hardly moves. The owner of the source fixes it
    (`fix_upstream`).
    """

    leaves = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    hours: Number = 5.0
    """How far it is off, in its own unit."""
    turn: Factor = 24.0
    """The length of its cycle."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw | None:
        if self.hours % self.turn == 0:
            return None
        return CyclicShift(fault, column, self.share, offset=self.hours, period=self.turn)
