"""The scheduler of the batch graph is started anew."""

from __future__ import annotations

from simulator.actions import Acting, Action, Site
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.registry import part


@part
class RestartScheduler(Action):
    """Restart the scheduler: what fell due while it was down is looked at.

    Jobs that catch up get all their missed runs at that moment, the others one.
    """

    def act(self, site: Site) -> Acting:
        yield 60_000
        site.world.revision[SCHEDULER] += 1
        return "scheduler restarted"
