"""A node that is slower than the others."""

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
from simulator.faults._node import ScaledNodeFault
from simulator.pipeline.bends import LandsOn
from simulator.units import Factor


@part
class Straggler(ScaledNodeFault):
    """One node takes several times as long for every step, and all others wait for it.

    A synchronous step lasts as long as its slowest node: thousands of nodes run at the pace of one,
    without an error, and every accelerator looks busy.
    """

    right_moves = (
        Move(
            "The run resumes on a spare node at full speed.", (order("drain_node", node="{node}"),)
        ),
    )
    wrong_moves = (
        WrongMove(
            "The run gets the same nodes, and waits for the same one.",
            (order("restart_training", run="{run}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The spare node is gone when the slow one is drained.",
            (order("drain_node", node="{other_node}"),),
            cost=Cost.RELAPSE,
        ),
    )

    factor: Factor
    """Multiplies the time of a step there."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.scale(params.bends.node_slowdowns, world):
            params.bends.lands_on.append(LandsOn(tick.fault, f"slow_steps/{self.node}"))
