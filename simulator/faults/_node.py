"""Bases of faults of one node: of a training run, or of the model server."""

from typing import Annotated

from simulator.faults import Fault, OwnerFault, Refers, World
from simulator.pipeline.cluster.nodes import CLUSTER, on
from simulator.units import Factor, IncidentType, NodeNumber


class NodeFault(Fault):
    """Base of faults of a training node: in effect until it is drained, and again afterwards."""

    type = IncidentType.RESOURCES
    component = "cluster"
    ended_by = ("drain_node",)

    node: Annotated[NodeNumber, Refers("node")] = 0
    """Its number, or its name: `node-17`."""

    def applies(self, world: World) -> bool:
        return not world.trainings.fleet.drained[self.node]

    def missing_target(self, world: World) -> str:
        return "" if self.applies(world) else f"node-{self.node} drained"


class ScaledNodeFault(NodeFault):
    """Base of faults that multiply a rate or a time of one node."""

    factor: Factor
    """Multiplies it, relative to the other nodes."""

    def scale(self, factors: dict[int, float], world: World) -> bool:
        """Multiply the node's factor, if the fault is in effect; whether it did."""
        if self.factor == 1.0 or not self.applies(world):
            return False
        factors[self.node] = factors.get(self.node, 1.0) * self.factor
        return True


class ServerFault(OwnerFault):
    """Base of faults of one node of the model server, which affect its pods."""

    type = IncidentType.RESOURCES
    target_kind = CLUSTER

    node: Annotated[NodeNumber, Refers("server")] = 0
    """Its number, or its name: `node-17`."""

    def missing_target(self, world: World) -> str:
        return "" if len(on(world, self.node)) else f"no pod on node-{self.node}"
