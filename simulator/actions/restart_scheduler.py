"""A restart of the scheduler."""

from simulator.actions import Action, ActionSteps, Site, part
from simulator.pipeline.jobs import zombies
from simulator.pipeline.jobs.dag import SCHEDULER


@part
class RestartScheduler(Action):
    """Restart the scheduler, which then handles the due times that it missed.

    Jobs that catch up get all their missed runs at that moment, other jobs one. It adopts the runs
    that are under way, and queues those again whose process is gone.
    """

    effect = "world"
    fixed_target = "scheduler"
    # It ends by itself, and missed due times are made up for.
    reversible = True

    def act(self, site: Site) -> ActionSteps:
        yield 60_000
        site.world.revision[SCHEDULER] += 1
        orphans = zombies.reset_orphans(site.world, site.params)
        return f"scheduler restarted, {orphans} orphaned runs queued again"
