"""A node of the model server dies."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.nodes import CLUSTER, on
from simulator.pipeline.world import Params, World
from simulator.registry import Refers, part
from simulator.units import NodeNumber


@part
class NodeLoss(OwnerFault):
    """One machine is gone, with all that runs on it, and says nothing.

    Requests are sent there and hang until it is taken for lost; minutes later its pods are
    made anew where there is room, else they stay pending. Pods that are restarted or added by
    hand come sooner. The owner of the cluster gets the machine back (`fix_upstream`).
    """

    type: ClassVar[str] = "resources"
    on: ClassVar[str] = CLUSTER

    node: Annotated[NodeNumber, Refers("server")] = 0
    """Its number, or its name: `node-17`."""

    def missing(self, world: World) -> str:
        return "" if len(on(world, self.node)) else f"no pod on node-{self.node}"

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.nodes_down.append((bite.fault, self.node))
