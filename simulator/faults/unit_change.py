"""A unit changes upstream: the same quantity arrives as another number."""

from typing import ClassVar

from simulator.faults import ROLL_BACK_MODEL, Args, Cost, Quantity, WrongMove, order, part
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
    wrong_moves = (
        WrongMove(
            "The former version reads the same values.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "A version learns the wrong unit, and is wrong once it is mended.",
            (order("retrain", window="40m"),),
            cost=Cost.RELAPSE,
        ),
    )
    example: ClassVar[Args] = {"factor": 100.0}

    feature: Quantity
    """The column."""
    factor: Factor
    """Multiplies its values (1/60 = 0.016667: minutes in hours)."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw | None:
        return None if self.factor == 1.0 else RowLaw(fault, column, self.share, self.factor)
