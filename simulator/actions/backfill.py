"""Past runs of a job are made up for."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site, find
from simulator.faults import Job
from simulator.pipeline.jobs import dag
from simulator.registry import part
from simulator.units import Count, Duration, format_ms

# Airflow would take more; nobody waits for them in a drill.
MOST = 1000


@part
class Backfill(Action):
    """Run a job once for each of its due times in a stretch of the past.

    Without a cap all of them start together and share the slots of the pool and the machines
    behind it with everybody else.
    """

    job: Job
    """Its name."""
    since: Duration = 6 * 3_600_000
    """How far back the first due time may lie."""
    until: Duration = 0
    """How far back the last may lie."""
    at_once: Count = 1
    """Runs that may be under way together; 0 for any number."""

    def act(self, site: Site) -> Acting:
        number = find(self.job, (law.name for law in site.params.jobs), "job")
        if not site.params.jobs[number].scheduled:
            raise Failed(f"{self.job} has no schedule to make up for")
        yield 20_000
        first, last = site.now() - self.since, site.now() - self.until
        dues = dag.dues(site.params, number, first, last)
        if not dues:
            past = f"{format_ms(self.since)} and {format_ms(self.until)} ago"
            raise Failed(f"{self.job} was due at no time between {past}")
        if len(dues) > MOST:
            raise Failed(f"{len(dues)} runs of {self.job}; a backfill has {MOST} at most")
        dag.backfill(site.world, site.params, number, site.now(), dues, self.at_once)
        return f"backfill of {len(dues)} runs of {self.job} ordered"
