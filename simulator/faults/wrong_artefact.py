"""Another file lies under a version's name."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.bends import FaultShare
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Args, Refers, part
from simulator.units import IncidentType, Ratio


@part
class WrongArtefact(Fault):
    """The servers of one version load weights whose columns stand in another order.

    The release succeeds and nothing fails; its scores are as good as noise from the first
    request. A rollback of the model, or any other version, ends it.
    """

    type: ClassVar[IncidentType] = IncidentType.MODEL_PERFORMANCE
    example: ClassVar[Args] = {"version": 8}  # the next one to be released

    version: Annotated[int, Refers("version")]
    """The version of the model; it bites while that is the champion."""
    share: Ratio = 1.0
    """Of the requests: of the servers that got the wrong file."""

    def bites(self, world: World) -> bool:
        return world.releases.model == self.version

    def missing(self, world: World) -> str:
        return "" if self.bites(world) else f"version {self.version} not the champion"

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.bites(world) and self.share > 0:
            params.bends.wrong_artefacts.append(FaultShare(bite.fault, self.share))
