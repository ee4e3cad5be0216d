"""A node that fails again and again."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Bite, Fault, Refers
from simulator.pipeline.world import Params, World
from simulator.registry import part
from simulator.units import Count, Factor


@part
class LemonNode(Fault):
    """One machine fails many times as often as the others, and every time stops the whole run.

    A run that starts again gets it back with all the others: the repair finds nothing. It
    bites until somebody drains the node, and again when it is put back.
    """

    type: ClassVar[str] = "resources"

    node: Annotated[Count, Refers("node")] = 0
    """Its number."""
    factor: Factor
    """How many times as often it fails."""

    def bites(self, world: World) -> bool:
        return not world.trainings.fleet.drained[self.node]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.factor != 1.0 and self.bites(world):
            before = params.node_failures.get(self.node, 1.0)
            params.node_failures[self.node] = before * self.factor
            params.touches.append((f"node_failures/{self.node}", bite.fault))
