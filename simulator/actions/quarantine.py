"""Quarantine of a column."""

import math
from typing import Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Feature
from simulator.units import Number


@part
class Quarantine(Action):
    """Withhold a column's values outside a range: the model reads the mean instead.

    Their rows are excluded from training too. Without a range all values are withheld. Until it
    is lifted it is a debt, because correct values outside the range are lost as well.
    """

    effect = "world"
    reversible = True
    leaves = ("quarantine",)
    undo = ("quarantine", {"lift": True})

    feature: Feature
    """The column."""
    min: Number | None = None
    """Values below it are withheld."""
    max: Number | None = None
    """Values above it are withheld."""
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

    def act(self, site: Site) -> ActionSteps:
        index_of(self.feature, (column.name for column in site.params.pool.columns), "column")
        if self.lift and self.feature not in site.world.quarantined:
            raise ActionFailed(f"{self.feature} is not under quarantine")
        yield 30_000
        if self.lift:
            site.world.quarantined.pop(self.feature, None)
            return f"quarantine of {self.feature} lifted"
        everything = self.min is None and self.max is None
        low = -math.inf if self.min is None else self.min
        high = math.inf if self.max is None else self.max
        site.world.quarantined[self.feature] = (math.inf, -math.inf) if everything else (low, high)
        return f"{self.feature} under quarantine"
