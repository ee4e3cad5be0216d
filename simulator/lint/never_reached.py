"""What of a pipeline lies beyond the end of a drill, or of a wait, and so never happens.

No mistake, since a pipeline serves drills of many lengths; but a warning, since it mostly is a
slip.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.pipeline.jobs.dag import next_due
from simulator.scenario import Job, Pipeline, Scenario
from simulator.setting.job_laws import job_laws
from simulator.source import Complaint, Document, Key
from simulator.units import format_ms

Said = Iterator[tuple[tuple[Key, ...], str]]


def warnings(document: Document, scenario: Scenario, pipeline: Pipeline) -> list[Complaint]:
    """Bursts and recordings that never come, runs that are never due, looks that come too late.

    Parameters
    ----------
    document : Document
        The scenario.
    scenario : Scenario
    pipeline : Pipeline
        Its own.
    """
    said = (*_comes(pipeline, scenario.duration), *_due(pipeline, scenario), *_looks(pipeline))
    return [document.complaint_at(("pipeline", *path), text) for path, text in said]


def _comes(pipeline: Pipeline, end: int) -> Said:
    traffic = pipeline.traffic
    begins: dict[tuple[Key, ...], int] = {
        ("traffic", "bursts", number, "at"): burst.at for number, burst in enumerate(traffic.bursts)
    }
    if traffic.trace is not None:
        begins["traffic", "trace", "at"] = traffic.trace.at
    for path, at in begins.items():
        if at >= end:
            yield (
                path,
                f"given {format_ms(at)!r}, but the drill ends at {format_ms(end)}: it never comes",
            )


def _due(pipeline: Pipeline, scenario: Scenario) -> Said:
    for law in job_laws(pipeline, scenario.starts_at):
        if law.scheduled and next_due(law, -scenario.history) >= scenario.duration:
            stage = pipeline.stages[law.name]
            keys = ("every", "daily_at", "cron")
            key = next(one for one in keys if getattr(stage, one) is not None)
            end = format_ms(scenario.duration)
            yield ("stages", law.name, key), f"never due before the drill ends at {end}"


def _looks(pipeline: Pipeline) -> Said:
    for name, stage in pipeline.stages.items():
        sensor = stage.sensor if isinstance(stage, Job) else None
        if sensor is not None and sensor.timeout is not None and sensor.timeout < sensor.poke:
            text = f"given {format_ms(sensor.timeout)!r}, below poke ({format_ms(sensor.poke)})"
            yield ("stages", name, "sensor", "timeout"), f"{text}: it looks once"
