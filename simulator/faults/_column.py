"""Base of faults of a column of a source."""

from simulator.faults import FaultTick, Feature, OwnerFault, Params, World
from simulator.pipeline.rows import RowLaw, RowPool
from simulator.units import Ratio


class ColumnFault(OwnerFault):
    """Base of faults of a column of a source, in a share of its rows."""

    feature: Feature
    """The column."""
    share: Ratio = 1.0
    """Of the rows."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw | None:
        """The law of the column's values; None if they do not change."""
        raise NotImplementedError

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        law = self.law(tick.fault, params.pool.index(self.feature), params.pool)
        if law is not None and self.share > 0:
            params.bends.row_laws.append(law)
