"""A run of a job hangs in the scheduler and blocks the next ones."""

from typing import Any

from simulator.faults import Fault, FaultTick, Params, World, part
from simulator.pipeline.bends import LandsOn
from simulator.units import IncidentType


@part
class StuckRun(Fault):
    """A job's schedule starts nothing: a zombie run holds its only slot.

    Nothing fails, so nothing is logged; the job's output only grows old. A manual run (`rerun_job`,
    `materialize`) clears the zombie; the runs that have waited meanwhile come first, if the job
    catches up.
    """

    type = IncidentType.PIPELINE
    target_kind = "job"
    leaves = ("backlog",)
    ended_by = ("rerun_job", "materialize", "retrain")

    def fact(self, world: World) -> Any:
        return world.jobs.ordered.get(self.target, 0)

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.stuck_jobs.add(self.target)
        params.bends.lands_on.append(LandsOn(tick.fault, f"job_stuck/{self.target}"))
