"""The inputs of a run: what refuses an attempt, and what a run reads all the same."""

from simulator.pipeline.bends import MissingSource
from simulator.pipeline.jobs.job_runs import JobRun
from simulator.pipeline.jobs.laws import JobLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample


def refusal(params: Params, job: JobLaw, sample: Sample, forced: bool) -> str:
    """The error of the first cause that refuses an attempt starting now; "" if none does.

    A forced run does not check that its inputs exist.
    """
    failures = params.bends.job_failures.get(job.name, [])
    if forced:
        unchecked = {absence.fault for absence in params.bends.missing_sources}
        failures = [failure for failure in failures if failure.fault not in unchecked]
    for failure in failures:
        sample.hit(failure.fault, 1)
    return failures[0].error if failures else params.bends.no_space.get(job.name, "")


def delivered_share(params: Params) -> float:
    """The share of their rows that sources have delivered, of the emptiest source."""
    return 1.0 - max((gap.missing for gap in params.bends.missing_sources), default=0.0)


def absent(params: Params, run: JobRun) -> tuple[MissingSource, ...]:
    """The sources that a run reads though they have not delivered all of their rows.

    A forced run reads any; another one reads those that have delivered a part, since it checks
    only that the partition exists.
    """
    needs, forced = params.jobs[run.job].needs, bool(run.args.get("force"))
    return tuple(
        gap
        for gap in params.bends.missing_sources
        if gap.source in needs and (forced or gap.in_part)
    )


def hit_missing(params: Params, job: JobLaw, sample: Sample) -> None:
    """Record hits of the faults that withhold what a job waits for."""
    for absence in params.bends.missing_sources:
        if absence.source in job.needs and not absence.in_part:
            sample.hit(absence.fault, 1)
