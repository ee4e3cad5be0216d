"""A node of the model server dies."""

from __future__ import annotations

from simulator.faults import Bite
from simulator.faults._node import ServerFault
from simulator.pipeline.bends import FaultyNode
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part


@part
class NodeLoss(ServerFault):
    """One machine is gone, with all that runs on it, and says nothing.

    Requests are sent there and hang until it is taken for lost; minutes later its pods are
    made anew where there is room, else they stay pending. Pods that are restarted or added by
    hand come sooner. The owner of the cluster gets the machine back (`fix_upstream`).
    """

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.bends.nodes_down.append(FaultyNode(bite.fault, self.node))
