"""A node that is slower than the others."""

from simulator.faults import FaultTick, Params, World, part
from simulator.faults._node import ScaledNodeFault
from simulator.pipeline.bends import LandsOn
from simulator.units import Factor


@part
class Straggler(ScaledNodeFault):
    """One node takes several times as long for every step, and all others wait for it.

    A synchronous step lasts as long as its slowest node: thousands of nodes run at the pace of one,
    without an error, and every accelerator looks busy. A restart of the run has no effect, since it
    gets the same node. It lasts until somebody drains the node.
    """

    factor: Factor
    """Multiplies the time of a step there."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.scale(params.bends.node_slowdowns, world):
            params.bends.lands_on.append(LandsOn(tick.fault, f"slow_steps/{self.node}"))
