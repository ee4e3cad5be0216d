"""A node of the model server dies."""

from simulator.faults import FaultTick, Params, World, part
from simulator.faults._node import ServerFault
from simulator.pipeline.bends import FaultyNode


@part
class NodeLoss(ServerFault):
    """One node is lost with all its pods, without an error.

    Requests sent there time out until the node is considered lost; minutes later its pods are
    recreated where there is room, else they stay pending. Pods restarted or added by hand come
    sooner. The owner of the cluster recovers the node (`fix_upstream`).
    """

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.nodes_down.append(FaultyNode(tick.fault, self.node))
