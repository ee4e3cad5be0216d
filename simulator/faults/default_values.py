"""A default replaces unknown values."""

from simulator.faults import Quantity, part
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import RowLaw, RowPool
from simulator.units import Number


@part
class DefaultValues(ColumnFault):
    """A column holds a default in a share of the rows: an invisible null.

    The null ratio is 0 and nothing fails; the histogram has a spike, and the model takes the
    default for a measured number. The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    value: Number = 0.0
    """The default."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw:
        return RowLaw(fault, column, self.share, factor=0, offset=self.value)
