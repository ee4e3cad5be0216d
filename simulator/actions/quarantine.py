"""Values outside a range are withheld."""

from __future__ import annotations

import math
from typing import ClassVar, Self

from pydantic import model_validator

from simulator.actions import Acting, Action, Failed, Site, find
from simulator.faults import Feature
from simulator.registry import Args, part
from simulator.units import Number


@part
class Quarantine(Action):
    """Withhold a column's values outside a range: the model reads its mean instead.

    Such rows are kept out of training too. Without a range every value is withheld. It is
    a debt: a good value outside the range is lost as well, until it is lifted.
    """

    leaves: ClassVar[tuple[str, ...]] = ("quarantine",)
    undo: ClassVar[tuple[str, Args]] = ("quarantine", {"lift": True})

    feature: Feature
    """The column."""
    min: Number | None = None
    """Values below are withheld."""
    max: Number | None = None
    """Values above are withheld."""
    lift: bool = False
    """End the quarantine of the column instead."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.lift and (self.min, self.max) != (None, None):
            raise ValueError("lift ends the quarantine of the whole column: it takes no range")
        if self.min is not None and self.max is not None and self.min > self.max:
            text = f"nothing lies between min ({self.min:g}) and max ({self.max:g}); "
            raise ValueError(text + "without them every value is withheld")
        return self

    def act(self, site: Site) -> Acting:
        find(self.feature, (column.name for column in site.params.pool.columns), "column")
        if self.lift and self.feature not in site.world.quarantined:
            raise Failed(f"{self.feature} is not under quarantine")
        yield 30_000
        if self.lift:
            site.world.quarantined.pop(self.feature, None)
            return f"quarantine of {self.feature} lifted"
        everything = self.min is None and self.max is None
        low = -math.inf if self.min is None else self.min
        high = math.inf if self.max is None else self.max
        site.world.quarantined[self.feature] = (math.inf, -math.inf) if everything else (low, high)
        return f"{self.feature} under quarantine"
