"""One machine of those that train is not like the others."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Fault
from simulator.pipeline.world import World
from simulator.registry import Refers
from simulator.units import Factor, NodeNumber


class NodeFault(Fault):
    """Base of faults of one node: they bite until somebody drains it, and when it is put back."""

    type: ClassVar[str] = "resources"

    node: Annotated[NodeNumber, Refers("node")] = 0
    """Its number, or its name: `node-17`."""
    factor: Factor
    """How many times as much as the others."""

    def bites(self, world: World) -> bool:
        return not world.trainings.fleet.drained[self.node]

    def missing(self, world: World) -> str:
        return "" if self.bites(world) else f"node-{self.node} drained"

    def much(self, before: dict[int, float], world: World) -> bool:
        """Multiply what a law says of the node, if the fault bites; whether it did."""
        if self.factor == 1.0 or not self.bites(world):
            return False
        before[self.node] = before.get(self.node, 1.0) * self.factor
        return True
