"""Hours of the day are those of another zone."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault, Quantity
from simulator.pipeline.data import Turned
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Factor, Number, Ratio


@part
class TimeZoneShift(Fault):
    """A column that goes round, as the hour of the day does, is some hours off.

    Daylight saving that one side forgot, a clock in UTC: each value is a right one, at a wrong
    time, so that over whole days its distribution hardly moves. The owner of the source mends
    it (`fix_upstream`).
    """

    type: ClassVar[str] = "data"
    on: ClassVar[str] = "source"
    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    feature: Quantity
    """The column."""
    hours: Number = 5.0
    """How far it is off, in its own unit."""
    turn: Factor = 24.0
    """Where it begins again."""
    share: Ratio = 1.0
    """Of the rows."""

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0 and self.hours % self.turn:
            column = params.pool.index(self.feature)
            law = Turned(bite.fault, column, self.share, offset=self.hours, turn=self.turn)
            params.rows.append(law)
