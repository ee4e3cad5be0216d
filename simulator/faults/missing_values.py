"""A column arrives empty."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault, Feature
from simulator.pipeline.data import RowLaw
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Ratio


@part
class MissingValues(Fault):
    """A column is null in a share of the rows; the model reads a null as the mean.

    A retrain does not help: what is not there cannot be learnt. The owner of the source
    mends it (`fix_upstream`).
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"
    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    feature: Feature
    """The column."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            column = params.pool.index(self.feature)
            params.rows.append(RowLaw(bite.fault, column, self.share, null=True))
