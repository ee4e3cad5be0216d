"""A run that has ended is done again."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline import jobs
from simulator.registry import part


@part
class ClearRun(Action):
    """Clear the last run of a job that ended, so that it is done again for the same data.

    All its retries are new, and what comes after it runs when it succeeds. A new run for
    today's data is another thing: `rerun_job`.
    """

    job: str
    """Its name."""

    def act(self, site: Site) -> Acting:
        names = [law.name for law in site.params.jobs]
        if self.job not in names:
            raise Failed(f"no job {self.job!r}; there are {', '.join(names)}")
        yield 10_000
        if not jobs.clear(site.world, site.params, names.index(self.job), site.now()):
            raise Failed(f"no run of {self.job} has ended, or one is under way")
        return f"last run of {self.job} cleared"
