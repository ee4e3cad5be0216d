"""A column of numbers arrives as whole numbers."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault, Quantity
from simulator.pipeline.data import Whole
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Ratio


@part
class TypeChange(Fault):
    """A column becomes an integer upstream: what stands behind the decimal point is lost.

    Nothing is null and nothing fails; small values become zeros. The owner of the source
    mends it (`fix_upstream`).
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"
    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            column = params.pool.index(self.feature)
            params.rows.append(Whole(bite.fault, column, self.share))
