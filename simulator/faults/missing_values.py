"""A column arrives empty."""

from simulator.faults import part
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import RowLaw, RowPool


@part
class MissingValues(ColumnFault):
    """A column is null in a share of the rows; the model reads a null as the mean.

    A retrain does not help: missing values cannot be learnt. The owner of the source fixes it
    (`fix_upstream`).
    """

    leaves = ("stale_values", "poisoned_model")

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw:
        return RowLaw(fault, column, self.share, null=True)
