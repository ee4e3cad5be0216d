"""Pausing a job."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Job
from simulator.pipeline.jobs import pausing


@part
class PauseJob(Action):
    """Pause a job: its schedule, and the jobs before it, start nothing until it is lifted.

    Runs that have begun go on, and orders by hand start runs. When it is lifted, a job that catches
    up gets a run for each due time of the pause, all at that moment, another job for the last.
    """

    effect = "world"
    reversible = True
    leaves = ("paused_job",)
    undo = ("pause_job", {"lift": True})

    job: Job
    """The job."""
    lift: bool = False
    """Let it start again instead."""

    def act(self, site: Site) -> ActionSteps:
        world = site.world
        number = index_of(self.job, (law.name for law in site.params.jobs), "job")
        if self.lift and number not in world.jobs.paused:
            raise ActionFailed(f"{self.job} is not paused")
        yield 10_000
        if self.lift:
            passed = pausing.resume(world, site.params, number)
            return f"{self.job} starts again; {passed} due times have passed"
        pausing.pause(world, number)
        return f"{self.job} is paused"
