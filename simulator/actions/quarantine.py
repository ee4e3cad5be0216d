"""Values outside a range are withheld."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site
from simulator.registry import part
from simulator.units import Number


@part
class Quarantine(Action):
    """Withhold a column's values outside a range: the model reads its mean instead.

    Such rows are kept out of training too. Without a range every value is withheld. It is
    a debt: a good value outside the range is lost as well, until it is lifted.
    """

    feature: str
    """The column."""
    min: Number = float("inf")
    """Values below are withheld."""
    max: Number = float("-inf")
    """Values above are withheld."""
    lift: bool = False
    """End the quarantine of the column instead."""

    def act(self, site: Site) -> Acting:
        names = [column.name for column in site.params.pool.columns]
        if self.feature not in names:
            raise Failed(f"no column {self.feature!r}; there are {', '.join(names)}")
        if self.lift and self.feature not in site.world.quarantined:
            raise Failed(f"{self.feature} is not under quarantine")
        yield 30_000
        if self.lift:
            site.world.quarantined.pop(self.feature, None)
            return f"quarantine of {self.feature} lifted"
        low, high = self.min, self.max
        if low == float("inf") and high != float("-inf"):
            low = float("-inf")
        if high == float("-inf") and low != float("inf"):
            high = float("inf")
        site.world.quarantined[self.feature] = (low, high)
        return f"{self.feature} under quarantine"
