"""A node that fails again and again."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite
from simulator.faults._node import MuchFault
from simulator.pipeline.bends import LandsOn
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Args, part
from simulator.units import Factor


@part
class LemonNode(MuchFault):
    """One machine fails many times as often as the others, and every time stops the whole run.

    A run that starts again gets it back with all the others: the repair finds nothing. It
    bites until somebody drains the node, and again when it is put back.
    """

    example: ClassVar[Args] = {"factor": 100.0}

    factor: Factor
    """How many times as often it fails."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.much(params.bends.node_failures, world):
            params.bends.lands_on.append(LandsOn(bite.fault, f"node_failures/{self.node}"))
