"""Text arrives in a wrong encoding."""

from simulator.faults import Category, part
from simulator.faults._column import ColumnFault
from simulator.pipeline.rows import RowLaw, RowPool


@part
class GarbledEncoding(ColumnFault):
    """A category arrives in another encoding: as an unknown level.

    It is not null, and the model has no weight for the level: it counts as the first one. A rule on
    the column's type or levels counts it. The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("poisoned_model",)

    feature: Category
    """The column."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw:
        unknown = float(len(pool.columns[column].levels))
        return RowLaw(fault, column, self.share, factor=0, offset=unknown)
