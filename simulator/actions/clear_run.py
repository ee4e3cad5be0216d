"""A run that has ended is done again."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site, find
from simulator.faults import Job
from simulator.pipeline.jobs import dag
from simulator.registry import part


@part
class ClearRun(Action):
    """Clear the last run of a job that ended, so that it is done again for the same data.

    All its retries are new, and what comes after it runs when it succeeds. A new run for
    today's data is another thing: `rerun_job`.
    """

    job: Job
    """Its name."""

    def act(self, site: Site) -> Acting:
        number = find(self.job, (law.name for law in site.params.jobs), "job")
        yield 10_000
        if not dag.clear(site.world, site.params, number, site.now()):
            raise Failed(f"no run of {self.job} has ended, or one is under way")
        return f"last run of {self.job} cleared"
