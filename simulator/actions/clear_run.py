"""A second execution of a run."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Job
from simulator.pipeline.jobs import dag


@part
class ClearRun(Action):
    """Clear a job's running run, else its last one, so that it runs again for the same data.

    A running one is killed, also if it hangs. It gets all its retries again, and downstream jobs
    run when it succeeds. `rerun_job` starts a new run for current data instead.
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
            raise ActionFailed(f"no run of {self.job} has started, or one waits to start")
        return f"run of {self.job} cleared"
