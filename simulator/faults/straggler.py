"""A node that is slower than the others."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Bite, Fault, Refers
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Count, Factor


@part
class Straggler(Fault):
    """One machine takes several times as long for every step, and all others wait for it.

    A synchronous step lasts as long as its slowest node: thousands of machines go at the pace
    of one, without an error, and every accelerator looks busy. Starting the run anew changes
    nothing, since it gets the same node. It bites until somebody drains that.
    """

    type: ClassVar[str] = "resources"

    node: Annotated[Count, Refers("node")] = 0
    """Its number."""
    factor: Factor
    """How many times as long a step takes there."""

    def bites(self, world: World) -> bool:
        return not world.trainings.fleet.drained[self.node]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.factor != 1.0 and self.bites(world):
            before = params.node_slower.get(self.node, 1.0)
            params.node_slower[self.node] = before * self.factor
            params.touches.append((f"slow_steps/{self.node}", bite.fault))
