"""A node that fails again and again."""

from typing import ClassVar

from simulator.faults import (
    Args,
    Cost,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.faults._node import ScaledNodeFault
from simulator.pipeline.bends import LandsOn
from simulator.units import Factor


@part
class LemonNode(ScaledNodeFault):
    """One node fails many times as often as the others, and stops the whole run every time.

    Its failures are all of one accelerator and of one kind, which the driver logs as an Xid error
    if the pipeline's causes have one. After each restart the run gets it back with all the others:
    the repair finds nothing. The fault returns with the node.
    """

    right_moves = (
        Move(
            "The run resumes on a spare node from its last good checkpoint.",
            (order("drain_node", node="{node}"),),
        ),
    )
    wrong_moves = (
        WrongMove(
            "The run gets the same nodes, and the same one fails again.",
            (order("restart_training", run="{run}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The spare node is gone when the right one is drained.",
            (order("drain_node", node="{other_node}"),),
            cost=Cost.RELAPSE,
        ),
    )
    example: ClassVar[Args] = {"factor": 100.0}

    factor: Factor
    """Multiplies its failure rate."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.scale(params.bends.node_failures, world):
            params.bends.lands_on.append(LandsOn(tick.fault, f"node_failures/{self.node}"))
