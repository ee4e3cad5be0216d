"""Laws of batch jobs, their worker pools and their volumes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from simulator.pipeline.cluster.laws import VolumeLaw
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw, SensorLaw
from simulator.scenario import Job, Pipeline
from simulator.scenario.job import Sensor
from simulator.scenario.volume import needs
from simulator.setting.components import job_credentials
from simulator.units.cron import Cron

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def job_laws(pipeline: Pipeline, starts_at: datetime = EPOCH) -> tuple[JobLaw, ...]:
    """The batch jobs.

    Parameters
    ----------
    starts_at : datetime
        Time 0 of the drill. Cron lines and times of day are in the pipeline's zone, by default
        in the zone of this time.
    """
    jobs = {name: stage for name, stage in pipeline.stages.items() if isinstance(stage, Job)}
    start = starts_at.astimezone(ZoneInfo(pipeline.zone)) if pipeline.zone else starts_at
    return tuple(
        JobLaw(
            name=name,
            does=job.does,
            duration=job.duration,
            every=job.every or 0,
            cron=_cron(job, start),
            retries=job.retries,
            retry_delay=job.retry_delay,
            retry_factor=job.retry_factor,
            retry_delay_max=job.retry_delay_max or 0,
            timeout=job.timeout or 0,
            deadline=job.deadline or 0,
            after=tuple(name for name in job.after if name in jobs),
            needs=job.needs,
            sensor=_sensor(job.sensor) if job.sensor else None,
            keys=job_credentials(pipeline, job),
            view=job.view or "",
            pool=job.pool or "",
            slots=job.slots,
            priority=job.priority,
            at_once=job.at_once,
            catch_up=job.catch_up,
        )
        for name, job in jobs.items()
    )


def pool_laws(pipeline: Pipeline) -> tuple[PoolLaw, ...]:
    """The pools of slots that runs of jobs wait for."""
    return tuple(
        PoolLaw(name, pool.slots, pool.full_speed or 0) for name, pool in pipeline.pools.items()
    )


def volume_laws(pipeline: Pipeline) -> tuple[VolumeLaw, ...]:
    """The volumes that jobs and checkpoints write to."""
    return tuple(
        VolumeLaw(
            name,
            float(volume.size),
            float(volume.used),
            tuple((who, float(size)) for who, size in needs(pipeline.stages, name).items()),
        )
        for name, volume in pipeline.volumes.items()
    )


def _cron(job: Job, start: datetime) -> Cron | None:
    """The schedule by wall clock; a time of day is a cron line of every day."""
    line = job.cron
    if job.daily_at is not None:
        line = f"{job.daily_at // 60_000 % 60} {job.daily_at // 3_600_000} * * *"
    return Cron(line, start) if line else None


def _sensor(sensor: Sensor) -> SensorLaw:
    return SensorLaw(sensor.poke, sensor.timeout or 0, sensor.soft_fail, sensor.mode)
