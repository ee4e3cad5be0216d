"""One machine is not like the others: of those that train, or of the model server's."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Fault, OwnerFault
from simulator.pipeline.cluster.nodes import CLUSTER, on
from simulator.pipeline.world import World
from simulator.registry import Refers
from simulator.units import Factor, IncidentType, NodeNumber


class NodeFault(Fault):
    """Base of faults of one node: they bite until somebody drains it, and when it is put back."""

    type: ClassVar[IncidentType] = IncidentType.RESOURCES

    node: Annotated[NodeNumber, Refers("node")] = 0
    """Its number, or its name: `node-17`."""

    def bites(self, world: World) -> bool:
        return not world.trainings.fleet.drained[self.node]

    def missing(self, world: World) -> str:
        return "" if self.bites(world) else f"node-{self.node} drained"


class MuchFault(NodeFault):
    """Base of faults of a node that does something several times as much as the others."""

    factor: Factor
    """How many times as much as the others."""

    def much(self, before: dict[int, float], world: World) -> bool:
        """Multiply what a law says of the node, if the fault bites; whether it did."""
        if self.factor == 1.0 or not self.bites(world):
            return False
        before[self.node] = before.get(self.node, 1.0) * self.factor
        return True


class ServerFault(OwnerFault):
    """Base of faults of one node of the model server: its pods feel them."""

    type: ClassVar[IncidentType] = IncidentType.RESOURCES
    on: ClassVar[str] = CLUSTER

    node: Annotated[NodeNumber, Refers("server")] = 0
    """Its number, or its name: `node-17`."""

    def missing(self, world: World) -> str:
        return "" if len(on(world, self.node)) else f"no pod on node-{self.node}"
