"""Sensors: a run waits until the data that it reads exist."""

from simulator.pipeline.jobs.job_runs import JobRun
from simulator.pipeline.jobs.laws import JobLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World

TIMEOUT_ERROR = "AirflowSensorTimeout: Sensor has timed out"


def data_ready(world: World, params: Params, job: JobLaw, run: JobRun) -> bool:
    """Whether sources have delivered, and jobs have read as far as the run's data time."""
    numbers = {law.name: i for i, law in enumerate(params.jobs)}
    missing = {gap.source for gap in params.bends.missing_sources if not gap.in_part}
    return not any(
        need in missing
        or (need in numbers and world.jobs.data_until[numbers[need]] < run.data_time)
        for need in job.needs
    )
