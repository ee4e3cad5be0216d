"""A default stands where nothing is known."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault, Quantity
from simulator.pipeline.data import RowLaw
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Number, Ratio


@part
class DefaultValues(Fault):
    """A column holds a default in a share of the rows: a null that nobody can see.

    The null ratio is 0 and nothing fails; its histogram has a spike, and the model takes the
    default for a number that was measured. The owner of the source mends it (`fix_upstream`).
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"
    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    value: Number = 0.0
    """The default."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            column = params.pool.index(self.feature)
            params.rows.append(RowLaw(bite.fault, column, self.share, factor=0, offset=self.value))
