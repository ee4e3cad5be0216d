"""Rows are delivered more than once."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Count, Ratio


@part
class DuplicateRows(Fault):
    """A share of the scored rows reaches the offline store several times, labels and all.

    Row and label counts grow and distinct rows do not. What compares distributions believes to
    know more than it does: their p-values are too small. The owner of the source makes its
    delivery idempotent (`fix_upstream`).
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"

    more: Count = 1
    """How many times more than once."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0 and self.more:
            params.copies.append((bite.fault, self.share, self.more))
