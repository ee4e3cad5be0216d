"""A node of the model server dies."""

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.faults._node import ServerFault
from simulator.pipeline.bends import FaultyNode


@part
class NodeLoss(ServerFault):
    """One node is lost with all its pods, without an error.

    Requests sent there time out until the node is considered lost; minutes later its pods are
    recreated where there is room, else they stay pending. Pods restarted or added by hand come
    sooner.
    """

    right_moves = (
        Move("The pending pods are scheduled on a new node.", (order("add_node"),)),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "Further pods are pending as well.",
            (order("scale", replicas="{more_replicas}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The pods that are left may not restart while others are missing.",
            (RESTART,),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("The model is not the cause.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.nodes_down.append(FaultyNode(tick.fault, self.node))
