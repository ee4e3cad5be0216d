"""A version's name points to another file."""

from typing import Annotated, ClassVar

from simulator.faults import Args, Fault, FaultTick, Params, Refers, World, part
from simulator.pipeline.bends import FaultShare
from simulator.units import IncidentType, Ratio


@part
class WrongArtefact(Fault):
    """The servers of one version load weights in another column order.

    The release succeeds and nothing fails; its scores are noise from the first request. A rollback
    of the model, or any other version, ends it.
    """

    type = IncidentType.MODEL_PERFORMANCE
    ended_by = ("rollback", "release")
    example: ClassVar[Args] = {"version": 8}  # the next one to be released

    version: Annotated[int, Refers("version")]
    """The version of the model, while it is the champion."""
    share: Ratio = 1.0
    """Of the requests: of the servers with the wrong file."""

    def applies(self, world: World) -> bool:
        return world.releases.model == self.version

    def missing_target(self, world: World) -> str:
        return "" if self.applies(world) else f"version {self.version} not the champion"

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.applies(world) and self.share > 0:
            params.bends.wrong_artefacts.append(FaultShare(tick.fault, self.share))
