"""A build of a job's code ends with an error."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.bends import JobFailure
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Args, Refers, part
from simulator.units import IncidentType


@part
class JobCrash(Fault):
    """Every attempt of a job fails while one build of its code is deployed.

    Retries burn time and change nothing. A rollback of the job's build ends it; what it
    did not do meanwhile has to be run.
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "job"
    leaves: ClassVar[tuple[str, ...]] = ("backlog",)
    example: ClassVar[Args] = {"build": 1}

    build: Annotated[int, Refers("build")]
    """The build that crashes; it bites where that build is deployed."""
    error: str = "TypeError: unsupported operand type(s) for -: 'str' and 'float'"
    """The last line of the trace."""

    def bites(self, world: World) -> bool:
        return world.releases.build[self.target] == self.build

    def missing(self, world: World) -> str:
        return "" if self.bites(world) else f"build {self.build} of {self.target} not deployed"

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.bites(world):
            params.bends.job_failures.setdefault(self.target, []).append(
                JobFailure(bite.fault, self.error)
            )
