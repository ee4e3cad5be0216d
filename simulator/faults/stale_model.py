"""Servers do not load what is released."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, BuildFault
from simulator.pipeline.bends import FaultyPods
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType


@part
class StaleModel(BuildFault):
    """The pods of one build keep the model that they hold: a release of another changes nothing.

    Every job succeeds and the registry says that the new version serves. A retrain is not
    loaded either; a rollback of the build ends it.
    """

    type: ClassVar[IncidentType] = IncidentType.MODEL_PERFORMANCE

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        bad = self.pods(world)
        if bad.any():
            params.bends.failed_pulls.append(FaultyPods(bite.fault, bad))
