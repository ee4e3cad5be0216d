"""Rows are delivered more than once."""

from __future__ import annotations

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import DuplicatedRows
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Count, Ratio


@part
class DuplicateRows(OwnerFault):
    """A share of the scored rows reaches the offline store several times, labels and all.

    Row and label counts grow and distinct rows do not. What compares distributions believes to
    know more than it does: their p-values are too small. The owner of the source makes its
    delivery idempotent (`fix_upstream`).
    """

    more: Count = 1
    """How many times more than once."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0 and self.more:
            params.bends.duplicated_rows.append(DuplicatedRows(bite.fault, self.share, self.more))
