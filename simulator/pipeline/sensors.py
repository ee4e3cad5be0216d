"""Sensors: a run that waits until the data it reads are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.pipeline.job_runs import JobRun

if TYPE_CHECKING:
    from simulator.pipeline.jobs import JobLaw
    from simulator.pipeline.world import Params, World

TIMED_OUT = "AirflowSensorTimeout: Sensor has timed out"


@dataclass(frozen=True)
class SensorLaw:
    """How a run waits; times in ms.

    `poke` holds its slot between two looks, `reschedule` gives it back, `defer` leaves the
    looking to the triggerer.
    """

    poke: int
    timeout: int = 0
    soft_fail: bool = False
    mode: str = "reschedule"


def there(world: World, params: Params, job: JobLaw, run: JobRun) -> bool:
    """Whether everything is there that a run reads: sources delivered, jobs as far as it is."""
    numbers = {one.name: i for i, one in enumerate(params.jobs)}
    missing = [source for _, source in params.missing]
    for need in job.needs:
        if need in missing:
            return False
        if need in numbers and world.jobs.through[numbers[need]] < run.data_time:
            return False
    return True
