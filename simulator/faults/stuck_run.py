"""A run of a job hangs and blocks the next ones."""

from typing import Any

from simulator.faults import Fault, FaultTick, Params, World, part
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

    def fact(self, world: World) -> Any:
        return world.jobs.reaped.get(self.target, 0)

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.hanging_jobs.setdefault(self.target, tick.fault)
