"""A column of a source says something else than it means."""

from __future__ import annotations

from simulator.faults import Bite, Feature, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import Pool, RowLaw
from simulator.pipeline.world import World
from simulator.units import Ratio


class ColumnFault(OwnerFault):
    """Base of faults that a column of a source has, in some of its rows."""

    feature: Feature
    """The column."""
    share: Ratio = 1.0
    """Of the rows."""

    def law(self, fault: str, column: int, pool: Pool) -> RowLaw | None:
        """What the column says instead; None if that is the same."""
        raise NotImplementedError

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        law = self.law(bite.fault, params.pool.index(self.feature), params.pool)
        if law is not None and self.share > 0:
            params.bends.row_laws.append(law)
