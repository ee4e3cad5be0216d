"""Rows are delivered more than once."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.bends import DuplicatedRows
from simulator.units import Count, Ratio


@part
class DuplicateRows(OwnerFault):
    """A share of the scored rows reaches the offline store several times, with their labels.

    Row and label counts grow and distinct rows do not. Drift detectors assume more evidence than
    there is: their p-values are too small. The owner of the source makes its delivery idempotent
    (`fix_upstream`).
    """

    more: Count = 1
    """Further copies of a row."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0 and self.more:
            params.bends.duplicated_rows.append(DuplicatedRows(tick.fault, self.share, self.more))
