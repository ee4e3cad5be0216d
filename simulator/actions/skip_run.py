"""Skipping the runs of a job."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Job
from simulator.pipeline.jobs import dag
from simulator.pipeline.jobs.job_runs import unfinished


@part
class SkipRun(Action):
    """Mark the running and queued runs of a job as skipped, with their downstream runs.

    They release their slots, a run that hangs too; their work is not done.
    """

    effect = "world"
    # `clear_run` and `backfill` do the work of skipped runs after all.
    reversible = True

    job: Job
    """The job."""

    def act(self, site: Site) -> ActionSteps:
        number = index_of(self.job, (law.name for law in site.params.jobs), "job")
        yield 10_000
        if not unfinished(site.world.jobs, number):
            raise ActionFailed(f"no run of {self.job} is under way")
        skipped = dag.skip(site.world, site.params, number, site.now())
        return f"{skipped} runs of {self.job} skipped"
