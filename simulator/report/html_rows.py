"""The rows of report.html's tables."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.analysis.truth import Truth
from simulator.report.entry import StoryEntry
from simulator.report.fault_times import HARMLESS
from simulator.report.lanes import Segment, incident_segments
from simulator.report.phrases import line_pattern
from simulator.run import Run
from simulator.run.events import LineEvent
from simulator.score.endings import closed_early, self_ended_at
from simulator.score.time_between import unknown
from simulator.units.wording import format_amount, format_duration, hhmmss

MAX_LOG_LINES = 200
SEVERITY = {"CRITICAL": 0, "FATAL": 0, "ERROR": 1, "WARN": 2, "WARNING": 2}


class MarkRow(NamedTuple):
    """A mark of an incident: its time, and the time since the onset or why there is none."""

    name: str
    at: str | None
    after: str
    early: bool


class IncidentCard(NamedTuple):
    """An incident: its marks, its segments, and when it ended by itself."""

    id: str
    fault: str
    marks: list[MarkRow]
    segments: list[Segment]
    self_ended: str | None


def incident_card(timeline: Timeline, incident: Incident) -> IncidentCard:
    """The card of an incident."""
    no_harm, early = timeline.is_harmless(incident.marks), closed_early(timeline, incident)
    self_ended = self_ended_at(timeline, incident)
    # A fault without harm is over when the responder closes it.
    over = (incident.marks.close if no_harm else None) or timeline.end
    marks = [
        MarkRow(
            name.replace("_", " "),
            None if t is None else f"T+{hhmmss(t)}",
            _after(timeline, incident, name, t, no_harm),
            name == "close" and early,
        )
        for name, t in incident.marks.items()
    ]
    return IncidentCard(
        incident.id,
        incident.fault,
        marks,
        incident_segments(incident.marks, over),
        None if self_ended is None else hhmmss(self_ended),
    )


def _after(timeline: Timeline, incident: Incident, name: str, t: int | None, no_harm: bool) -> str:
    """The time of a mark since the onset, or why there is none."""
    if t is not None:
        after = format_duration(t - (incident.marks.onset or 0))
        return "the fault begins" if name == "onset" else f"+{after}"
    if no_harm and name == "impact":
        return HARMLESS
    return "not known" if unknown(timeline, name) else "did not happen"


class ObjectiveRow(NamedTuple):
    """An objective over the drill."""

    name: str
    limit: str
    share: str
    worst: str
    end: str
    holds: bool


def objective_rows(truth: Truth) -> Iterator[ObjectiveRow]:
    """A row for each objective; the warm-up does not count."""
    for objective in truth.objectives:
        unit, values = objective.unit, truth.values[objective.name][truth.graded]
        inside, worst = truth.inside[objective.name][truth.graded], objective.worst(values)
        side = "at least" if objective.has_minimum else "at most"
        yield ObjectiveRow(
            objective.name,
            f"{side} {format_amount(objective.limit, unit)}",
            f"{100 * inside.mean():.1f} %" if len(inside) else "–",
            "–" if math.isnan(worst) else format_amount(worst, unit),
            format_amount(float(values[-1]), unit) if len(values) else "–",
            bool(len(inside) and inside[-1]),
        )


class EntryRow(NamedTuple):
    """An entry of the story; `number` is that of its order, if it is one."""

    at: str
    who: str
    text: str
    tone: str
    repeats: int
    until: str
    number: int | None


def entry_row(entry: StoryEntry) -> EntryRow:
    """The row of an entry."""
    until = hhmmss(entry.until) if entry.until else ""
    return EntryRow(
        hhmmss(entry.t), entry.who, entry.text, entry.tone, entry.count, until, entry.number
    )


class LogRow(NamedTuple):
    """Log lines that differ only in numbers: the first, and the times of the first and last."""

    level: str
    who: str
    text: str
    first: str
    last: str
    lines: int


def log_rows(run: Run) -> list[LogRow]:
    """A row for each pattern of log lines, the most severe first."""
    patterns: dict[tuple[str, str, str], list[LineEvent]] = {}
    for event in run.of(LineEvent):
        key = (event.who, _level(event), line_pattern(event.text))
        patterns.setdefault(key, []).append(event)
    rows = sorted(patterns.values(), key=lambda lines: (_severity(lines[0]), lines[0].t))
    return [
        LogRow(
            _level(first), first.who, first.text, hhmmss(first.t),
            hhmmss(rest[-1].t) if rest else "", 1 + len(rest),
        )
        for first, *rest in rows[:MAX_LOG_LINES]
    ]  # fmt: skip


def _severity(event: LineEvent) -> int:
    """0 is the most severe."""
    return SEVERITY.get(_level(event), 3)


def _level(event: LineEvent) -> str:
    return event.level.upper()
