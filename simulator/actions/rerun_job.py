"""A job is run by hand."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site, find
from simulator.faults import Job
from simulator.pipeline.jobs import dag
from simulator.registry import part


@part
class RerunJob(Action):
    """Run a job of the batch graph now, for the data up to now.

    Ordering it is quick; the run takes what it takes and fails as any other would.
    """

    job: Job
    """Its name."""

    def act(self, site: Site) -> Acting:
        find(self.job, (law.name for law in site.params.jobs), "job")
        yield 10_000
        if not dag.trigger(site.world, site.params, self.job, site.now(), {}):
            raise Failed(f"{self.job} is running already")
        return f"run of {self.job} ordered"
