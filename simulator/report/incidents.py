"""The times of several faults beside each other: the measures tell those of the slowest alone."""

from __future__ import annotations

from typing import NamedTuple

from simulator.run import Run
from simulator.score.attribution import Attribution
from simulator.score.grade import Scores
from simulator.score.marks import Incident, harmless
from simulator.units.wording import format_duration, hhmmss

HEAD = ("fault", "impact", "detect", "mitigate", "recover")
HARMLESS = "harmed nothing"
UNKNOWN = "–"
NEVER = "not by the end"


class Row(NamedTuple):
    """A fault by its id, and its times as they are told; spans are counted from the impact."""

    fault: str
    impact: str
    detect: str
    mitigate: str
    recover: str


def rows(run: Run, scores: Scores) -> list[Row]:
    """A row for each fault of a run; none where there is only one, of which the measures tell."""
    if len(scores.incidents) < 2:
        return []
    known = Attribution(run, run.twins).has_twins
    return [_row(run, incident, known) for incident in scores.incidents]


def _row(run: Run, incident: Incident, known: bool) -> Row:
    marks = incident.marks
    harm, spared = marks.impact, harmless(run, marks)
    over = NEVER if harm is not None else UNKNOWN
    return Row(
        incident.id,
        HARMLESS if spared else _when(harm, None, UNKNOWN),
        _when(marks.detect, harm, NEVER if known else UNKNOWN),
        _when(marks.mitigate, harm, over),
        _when(marks.recover, harm, over),
    )


def _when(t: int | None, since: int | None, otherwise: str) -> str:
    if t is None:
        return otherwise
    if since is None:
        return f"T+{hhmmss(t)}"
    return (
        f"T+{hhmmss(t)} (+{format_duration(t - since)})"
        if t >= since
        else f"T+{hhmmss(t)} (before any harm)"
    )
