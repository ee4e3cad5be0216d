"""A unit changes upstream: the same quantity arrives as another number."""

from typing import ClassVar

from simulator.faults import Args, Quantity, part
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import RowLaw, RowPool
from simulator.units import Factor


@part
class UnitChange(ColumnFault):
    """A column arrives in another unit in a share of the rows: minutes become hours.

    Nothing is null and nothing fails. The owner of the source fixes it (`fix_upstream`); rows
    materialized and models trained meanwhile stay wrong.
    """

    leaves = ("stale_values", "poisoned_model")
    example: ClassVar[Args] = {"factor": 100.0}

    feature: Quantity
    """The column."""
    factor: Factor
    """Multiplies its values (1/60 = 0.016667: minutes in hours)."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw | None:
        return None if self.factor == 1.0 else RowLaw(fault, column, self.share, self.factor)
