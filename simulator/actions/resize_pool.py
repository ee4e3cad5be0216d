"""Resizing a pool of slots."""

from typing import Annotated

from simulator.actions import Action, ActionSteps, Refers, Site, index_of, part
from simulator.units import Count


@part
class ResizePool(Action):
    """Change the number of slots of a pool; runs that hold a slot keep it.

    The machines behind the pool stay the same: beyond their capacity runs slow each other down.
    """

    effect = "world"
    reversible = True

    pool: Annotated[str, Refers("pool")]
    """The pool."""
    slots: Count
    """The new number of slots; with 0 no run starts."""

    def act(self, site: Site) -> ActionSteps:
        slots = site.world.jobs.slots
        index_of(self.pool, slots, "pool")
        yield 10_000
        before, slots[self.pool] = slots[self.pool], self.slots
        return f"slots of {self.pool} {before} -> {self.slots}"
