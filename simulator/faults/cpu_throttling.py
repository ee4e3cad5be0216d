"""A build of the model server comes with a lower CPU limit."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, BuildFault
from simulator.pipeline.bends import CpuCut
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Factor, IncidentType


@part
class CpuThrottling(BuildFault):
    """The pods of one build may use fewer cores than those before: a line of its manifest.

    Whatever computes beyond that stands still until the next period, so that requests take
    longer while the pods look idle. A rollback of the build ends it; more replicas spread the
    demand, as far as the cluster has room.
    """

    type: ClassVar[IncidentType] = IncidentType.RESOURCES
    on: ClassVar[str] = "cpu"

    factor: Factor = 4.0
    """How many times lower their limit is."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        bad = self.pods(world)
        if bad.any() and self.factor != 1.0:
            params.bends.cpu_cuts.append(CpuCut(bite.fault, bad, self.factor))
