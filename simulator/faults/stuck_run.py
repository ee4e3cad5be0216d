"""A run of a job hangs and blocks the next ones."""

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
from simulator.units import IncidentType


@part
class StuckRun(Fault):
    """The next run of a job becomes a zombie: it counts as running, and its process is gone.

    It holds its slot of the job and of the pool, and never ends: the process that would enforce
    its timeout is gone too. Nothing fails, so nothing is logged; the job's output only grows old.
    Due times that find the job's cap reached are missed, or wait if the job catches up, and a
    manual run is refused, unless the job may run several at once. To skip or clear the zombie ends
    it, and so does a restart of the scheduler, which queues its work again. With a `for`, the
    scheduler then detects the zombie itself: it fails, or is retried.
    """

    type = IncidentType.PIPELINE
    target_kind = "job"
    leaves = ("backlog",)
    ended_by = ("skip_run", "clear_run", "restart_scheduler")
    right_moves = (
        Move(
            "The zombie is killed, and its work is done after all.",
            (order("clear_run", job="{target}"),),
        ),
        Move(
            "The zombie releases its slots; a new run does the work of the missed ones.",
            (order("skip_run", job="{target}"), order("rerun_job", job="{target}")),
        ),
        Move("A scheduler that starts anew queues its work again.", (order("restart_scheduler"),)),
    )
    wrong_moves = (
        WrongMove(
            "The job is running already, as far as the scheduler knows.",
            (order("rerun_job", job="{target}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The zombie holds the job's own slot, however many the pool has.",
            (order("resize_pool", pool="{pool}", slots="{more_slots}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "All missed runs wait for its slot, and then stand before the run that is due.",
            (order("backfill", job="{target}", at_once=0),),
            cost=Cost.RELAPSE,
        ),
    )

    def fact(self, world: World) -> Any:
        return world.jobs.reaped.get(self.target, 0)

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.hanging_jobs.setdefault(self.target, tick.fault)
