"""Parts of a pipeline beyond the end of a drill, or of a wait, which never happen.

A pipeline serves drills of many lengths; but mostly this is a slip, so it is a warning.
"""

from collections.abc import Iterator

from simulator.pipeline.jobs.dag import next_due
from simulator.scenario import Job, Pipeline, Scenario
from simulator.setting.job_laws import job_laws
from simulator.setting.name_checker import KeyPath
from simulator.source import Complaint, Document
from simulator.units import format_ms

Warnings = Iterator[tuple[KeyPath, str]]


def warnings(document: Document, scenario: Scenario, pipeline: Pipeline) -> list[Complaint]:
    """Bursts and traces after the end, runs that are never due, sensors that poke only once.

    Parameters
    ----------
    document : Document
        Of the scenario.
    pipeline : Pipeline
        Of the scenario.
    """
    texts = (
        *_late_traffic(pipeline, scenario.duration),
        *_never_due_jobs(pipeline, scenario),
        *_short_sensors(pipeline),
    )
    return [document.complaint_at(("pipeline", *path), text) for path, text in texts]


def _late_traffic(pipeline: Pipeline, end: int) -> Warnings:
    traffic = pipeline.traffic
    starts: dict[KeyPath, int] = {
        ("traffic", "bursts", i, "at"): burst.at for i, burst in enumerate(traffic.bursts)
    }
    if traffic.trace is not None:
        starts["traffic", "trace", "at"] = traffic.trace.at
    for path, at in starts.items():
        if at >= end:
            text = f"given {format_ms(at)!r}, but the drill ends at {format_ms(end)}"
            yield path, f"{text}: it never happens"


def _never_due_jobs(pipeline: Pipeline, scenario: Scenario) -> Warnings:
    for law in job_laws(pipeline, scenario.starts_at):
        if law.scheduled and next_due(law, -scenario.history) >= scenario.duration:
            stage = pipeline.stages[law.name]
            keys = ("every", "daily_at", "cron")
            key = next(key for key in keys if getattr(stage, key) is not None)
            end = format_ms(scenario.duration)
            yield ("stages", law.name, key), f"never due before the drill ends at {end}"


def _short_sensors(pipeline: Pipeline) -> Warnings:
    for name, stage in pipeline.stages.items():
        sensor = stage.sensor if isinstance(stage, Job) else None
        if sensor is not None and sensor.timeout is not None and sensor.timeout < sensor.poke:
            text = f"given {format_ms(sensor.timeout)!r}, below poke ({format_ms(sensor.poke)})"
            yield ("stages", name, "sensor", "timeout"), f"{text}: it pokes only once"
