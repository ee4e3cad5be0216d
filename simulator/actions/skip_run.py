"""Runs of a job are given up."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site, find
from simulator.faults import Job
from simulator.pipeline.jobs import dag
from simulator.pipeline.jobs.job_runs import under_way
from simulator.registry import part


@part
class SkipRun(Action):
    """Mark the runs of a job that are under way or wait as skipped, and what comes after them.

    They give back their slots; what they would have done is not done.
    """

    job: Job
    """Its name."""

    def act(self, site: Site) -> Acting:
        number = find(self.job, (law.name for law in site.params.jobs), "job")
        yield 10_000
        if not under_way(site.world.jobs, number):
            raise Failed(f"no run of {self.job} is under way")
        skipped = dag.skip(site.world, site.params, number, site.now())
        return f"{skipped} runs of {self.job} skipped"
