"""A restart of the scheduler."""

from __future__ import annotations

from simulator.actions import Action, ActionSteps, Site
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.registry import part


@part
class RestartScheduler(Action):
    """Restart the scheduler, which then handles the due times that it missed.

    Jobs that catch up get all their missed runs at that moment, other jobs one.
    """

    def act(self, site: Site) -> ActionSteps:
        yield 60_000
        site.world.revision[SCHEDULER] += 1
        return "scheduler restarted"
