"""A manual run of a job."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Job
from simulator.pipeline.jobs import dag


@part
class RerunJob(Action):
    """Start a run of a job now, for the data up to now.

    The action ends when the run is queued; the run takes its time and can fail as any other. A
    forced run reads what there is: where a source has delivered nothing, nulls overwrite good
    features.
    """

    effect = "world"
    # The job's later runs replace what it writes; a release can be rolled back.
    reversible = True

    job: Job
    """The job."""
    force: bool = False
    """Start without its sensor, and without the check that its inputs exist."""

    def act(self, site: Site) -> ActionSteps:
        index_of(self.job, (law.name for law in site.params.jobs), "job")
        args = {"force": True} if self.force else {}
        yield 10_000
        if not dag.trigger(site.world, site.params, self.job, site.now(), args):
            raise ActionFailed(f"{self.job} is running already")
        return f"run of {self.job} ordered"
