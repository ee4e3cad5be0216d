"""The scheduler of the batch graph is down."""

from typing import Any

from simulator.faults import (
    Cost,
    Fault,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import LandsOn
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.units import IncidentType


@part
class SchedulerDown(Fault):
    """No run starts: no schedule, no retry, no manual run.

    Running ones continue and end. The heartbeat stands still; no run fails. After the restart, jobs
    that catch up have every missed run to do, all at the same time unless something limits them. A
    restart (`restart_scheduler`) ends it.
    """

    type = IncidentType.PIPELINE
    component = "scheduler"
    leaves = ("backlog",)
    ended_by = ("restart_scheduler", "fix_upstream")
    right_moves = (
        Move(
            "After a restart it handles the due times that it missed.",
            (order("restart_scheduler"),),
        ),
    )
    wrong_moves = (
        WrongMove(
            "A manual run waits for the scheduler too.",
            (order("rerun_job", job="{job}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "All missed runs stand before the one that is due when the scheduler is back.",
            (order("backfill", job="{job}", at_once=0),),
            cost=Cost.RELAPSE,
        ),
    )

    def fact(self, world: World) -> Any:
        return world.revision[SCHEDULER]

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.scheduler_down = True
        params.bends.lands_on.append(LandsOn(tick.fault, "scheduler_waits"))
