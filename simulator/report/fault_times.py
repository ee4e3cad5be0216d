"""The times of several faults beside each other; the measures are those of the slowest alone."""

from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.score.scores import Scores
from simulator.units.wording import format_duration, hhmmss

CAUSE_REMOVED = "cause removed"
COLUMNS = ("fault", "impact", "detect", CAUSE_REMOVED, "mitigate", "recover")
HARMLESS = "no harm"
UNKNOWN = "–"
NEVER = "not by the end"


class FaultTimes(NamedTuple):
    """A fault's id and its formatted times; durations are counted from the impact."""

    fault: str
    impact: str
    detect: str
    cause_removed: str
    mitigate: str
    recover: str


def fault_times(timeline: Timeline, scores: Scores) -> list[FaultTimes]:
    """A row for each fault of a run; empty for a single fault, whose times are the measures."""
    if len(timeline.incidents) < 2:
        return []
    return [_row(timeline, incident) for incident in timeline.incidents]


def _row(timeline: Timeline, incident: Incident) -> FaultTimes:
    marks = incident.marks
    impact, no_harm = marks.impact, timeline.is_harmless(marks)
    never = NEVER if impact is not None else UNKNOWN
    return FaultTimes(
        incident.id,
        HARMLESS if no_harm else _format(impact, None, UNKNOWN),
        _format(marks.detect, impact, NEVER if timeline.attribution.has_twins else UNKNOWN),
        _format(marks.cause_removed, impact, NEVER),
        _format(marks.mitigate, impact, never),
        _format(marks.recover, impact, never),
    )


def _format(t: int | None, impact: int | None, otherwise: str) -> str:
    if t is None:
        return otherwise
    if impact is None:
        return f"T+{hhmmss(t)}"
    after = f"+{format_duration(t - impact)}" if t >= impact else "before any harm"
    return f"T+{hhmmss(t)} ({after})"
