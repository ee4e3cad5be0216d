"""A training run hangs without an error."""

from simulator.faults import (
    Cost,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.faults._node import NodeFault
from simulator.pipeline.bends import FaultyNode


@part
class TrainingHang(NodeFault):
    """One node no longer answers the others, which wait for it in a collective operation.

    No process ends and no error is written; the step stands still, and the last checkpoint grows
    old.
    """

    right_moves = (
        Move(
            "The run resumes on a spare node from its last good checkpoint.",
            (order("drain_node", node="{node}"),),
        ),
    )
    wrong_moves = (
        WrongMove(
            "The run gets the same nodes, and hangs on the same one.",
            (order("restart_training", run="{run}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The spare node is gone when the hanging one is drained.",
            (order("drain_node", node="{other_node}"),),
            cost=Cost.RELAPSE,
        ),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.applies(world):
            params.bends.node_hangs.append(FaultyNode(tick.fault, self.node))
