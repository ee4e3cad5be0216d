"""A build of the model server is slower than the one before."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, BuildFault
from simulator.pipeline.bends import FaultyPods
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Factor, IncidentType


@part
class SlowBuild(BuildFault):
    """The pods of one build take several times as long over a request.

    Slots are held longer, so that fewer requests fit: at the edge a queue forms. A
    rollback of the build ends it; more replicas help as far as the cluster has room.
    """

    type: ClassVar[IncidentType] = IncidentType.LATENCY

    factor: Factor = 3.0
    """How many times as long the model's part takes."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        bad = self.pods(world)
        params.bends.speed[bad] /= self.factor
        if bad.any() and self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(bite.fault, bad))
