"""A pool gets another number of slots."""

from __future__ import annotations

from typing import Annotated

from simulator.actions import Acting, Action, Site, find
from simulator.registry import Refers, part
from simulator.units import Count


@part
class ResizePool(Action):
    """Give a pool more or fewer slots; runs that hold one keep it.

    What stands behind it does not grow: beyond its capacity runs slow each other down.
    """

    pool: Annotated[str, Refers("pool")]
    """Its name."""
    slots: Count
    """How many it shall have; 0 lets nothing through."""

    def act(self, site: Site) -> Acting:
        slots = site.world.jobs.slots
        find(self.pool, slots, "pool")
        yield 10_000
        before, slots[self.pool] = slots[self.pool], self.slots
        return f"slots of {self.pool} {before} -> {self.slots}"
