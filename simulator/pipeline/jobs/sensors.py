"""Sensors: a run that waits until the data it reads are there."""

from __future__ import annotations

from simulator.pipeline.jobs.job_runs import JobRun
from simulator.pipeline.jobs.laws import JobLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World

TIMED_OUT = "AirflowSensorTimeout: Sensor has timed out"


def there(world: World, params: Params, job: JobLaw, run: JobRun) -> bool:
    """Whether everything is there that a run reads: sources delivered, jobs as far as it is."""
    numbers = {one.name: i for i, one in enumerate(params.jobs)}
    missing = [absence.source for absence in params.bends.missing_sources]
    for need in job.needs:
        if need in missing:
            return False
        if need in numbers and world.jobs.through[numbers[need]] < run.data_time:
            return False
    return True
