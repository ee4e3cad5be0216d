"""A column of decimals arrives as integers."""

from simulator.faults import Quantity, part
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import RowLaw, RowPool, TruncatedValues


@part
class TypeChange(ColumnFault):
    """A column becomes an integer upstream: its decimals are lost.

    Nothing is null and nothing fails; small values become zeros. The owner of the source fixes it
    (`fix_upstream`).
    """

    leaves = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw:
        return TruncatedValues(fault, column, self.share)
