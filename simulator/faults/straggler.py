"""A node that is slower than the others."""

from __future__ import annotations

from simulator.faults import Bite
from simulator.faults._node import MuchFault
from simulator.pipeline.bends import LandsOn
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Factor


@part
class Straggler(MuchFault):
    """One machine takes several times as long for every step, and all others wait for it.

    A synchronous step lasts as long as its slowest node: thousands of machines go at the pace
    of one, without an error, and every accelerator looks busy. Starting the run anew changes
    nothing, since it gets the same node. It bites until somebody drains that.
    """

    factor: Factor
    """How many times as long a step takes there."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.much(params.bends.node_slowdowns, world):
            params.bends.lands_on.append(LandsOn(bite.fault, f"slow_steps/{self.node}"))
