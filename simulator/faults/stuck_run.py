"""A run of a job hangs in the scheduler, and the ones after it wait behind it."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.bends import LandsOn
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType


@part
class StuckRun(Fault):
    """A job's schedule starts nothing: a zombie run holds its only place.

    Nothing fails, so nothing is logged; what the job makes just grows old. A run ordered
    by hand (`rerun_job`, `materialize`) clears the zombie; before it come the runs that have
    waited meanwhile, if the job catches up.
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "job"
    leaves: ClassVar[tuple[str, ...]] = ("backlog",)

    def fact(self, world: World) -> Any:
        return world.jobs.ordered.get(self.target, 0)

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.bends.stuck_jobs.add(self.target)
        params.bends.lands_on.append(LandsOn(bite.fault, f"job_stuck/{self.target}"))
