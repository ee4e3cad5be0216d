"""Texts cannot be read."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Category, Fault
from simulator.pipeline.data import RowLaw
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Ratio


@part
class GarbledEncoding(Fault):
    """A category arrives in another encoding: a level that nobody has seen before.

    It is no null, and no level that the model has a weight for: it counts as the first one.
    A rule on the column's type or levels counts it. The owner of the source mends it
    (`fix_upstream`).
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"
    leaves: ClassVar[tuple[str, ...]] = ("poisoned_model",)

    feature: Category
    """The column."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            column = params.pool.index(self.feature)
            unknown = float(len(params.pool.columns[column].levels))
            params.rows.append(RowLaw(bite.fault, column, self.share, factor=0, offset=unknown))
