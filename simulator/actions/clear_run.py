"""A second execution of a run that has ended."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Job
from simulator.pipeline.jobs import dag


@part
class ClearRun(Action):
    """Clear the last run of a job that ended, so that it runs again for the same data.

    It gets all its retries again, and downstream jobs run when it succeeds. `rerun_job` starts
    a new run for current data instead.
    """

    effect = "world"
    # The job's later runs replace what it writes; a release can be rolled back.
    reversible = True

    job: Job
    """The job."""

    def act(self, site: Site) -> ActionSteps:
        number = index_of(self.job, (law.name for law in site.params.jobs), "job")
        yield 10_000
        if not dag.clear(site.world, site.params, number, site.now()):
            raise ActionFailed(f"no run of {self.job} has ended, or one is under way")
        return f"last run of {self.job} cleared"
