"""The scheduler of the batch graph is down."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.bends import LandsOn
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType


@part
class SchedulerDown(Fault):
    """Nothing starts any more: no schedule, no retry, no run ordered by hand.

    Runs under way go on and end. The heartbeat stands still; no run fails. When it is back,
    jobs that catch up have every missed run to do, all at the same time unless something
    holds them back. A restart (`restart_scheduler`) ends it.
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    leaves: ClassVar[tuple[str, ...]] = ("backlog",)

    def fact(self, world: World) -> Any:
        return world.revision[SCHEDULER]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.bends.scheduler_down = True
        params.bends.lands_on.append(LandsOn(bite.fault, "scheduler_waits"))
