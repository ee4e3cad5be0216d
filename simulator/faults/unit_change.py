"""Upstream changes a unit: the same quantity arrives as another number."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault, Quantity
from simulator.pipeline.data import RowLaw
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Factor, Ratio


@part
class UnitChange(Fault):
    """A column arrives in another unit in a share of the rows: minutes become hours.

    Nothing is null and nothing fails. The owner of the source mends it (`fix_upstream`);
    what was materialized and learnt meanwhile stays as it is.
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"
    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    factor: Factor
    """What its values are multiplied by (1/60 = 0.016667: minutes in hours)."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0 and self.factor != 1.0:
            column = params.pool.index(self.feature)
            params.rows.append(RowLaw(bite.fault, column, self.share, factor=self.factor))
