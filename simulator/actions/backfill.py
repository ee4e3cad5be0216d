"""Backfill of a job."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, index_of, part
from simulator.faults import Job
from simulator.pipeline.jobs import dag
from simulator.units import Count, Duration, format_ms

# Airflow accepts more, but no drill is long enough for them.
MAX_RUNS = 1000


@part
class Backfill(Action):
    """Run a job once for each of its due times in an interval of the past.

    Without a limit all runs start together and share the slots of the pool and the machines
    behind it with all other runs.
    """

    effect = "world"
    # The job's later runs replace what it writes, from the same source.
    reversible = True

    job: Job
    """The job."""
    since: Duration = 6 * 3_600_000
    """How long ago the interval begins."""
    until: Duration = 0
    """How long ago it ends."""
    at_once: Count = 1
    """Most concurrent runs; 0 for no limit."""

    def act(self, site: Site) -> ActionSteps:
        number = index_of(self.job, (law.name for law in site.params.jobs), "job")
        if not site.params.jobs[number].scheduled:
            raise ActionFailed(f"{self.job} has no schedule to make up for")
        yield 20_000
        first, last = site.now() - self.since, site.now() - self.until
        dues = dag.due_times(site.params, number, first, last)
        if not dues:
            past = f"{format_ms(self.since)} and {format_ms(self.until)} ago"
            raise ActionFailed(f"{self.job} was due at no time between {past}")
        if len(dues) > MAX_RUNS:
            raise ActionFailed(f"{len(dues)} runs of {self.job}; a backfill has {MAX_RUNS} at most")
        dag.backfill(site.world, site.params, number, site.now(), dues, self.at_once)
        return f"backfill of {len(dues)} runs of {self.job} ordered"
