"""The declared and the right severity of an incident, side by side."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from simulator.analysis.incident_span import IncidentSpan, first_onset, incident_span
from simulator.analysis.severity_path import NO_INCIDENT, rank, severity_at
from simulator.analysis.timeline import Timeline


class SeveritySegment(NamedTuple):
    """A time of constant severities, by their numbers; 1 is the worst, 5 is no incident."""

    t: int
    length: int
    declared: int
    right: int


def severity_segments(timeline: Timeline) -> Iterator[SeveritySegment]:
    """The segments from the first breach, else the first page, until the recovery.

    None where neither author nor on-call file says what is right. Whoever keeps an incident open
    until its debts are paid declares nothing wrong, though no objective is outside any more.
    """
    span = incident_span(timeline)
    right, declared = timeline.right_severity, timeline.declared_severity
    if span is None or not right:
        return
    end = span.end if span.breached else _prevented(timeline, span)
    changes = {change.t for change in (*right, *declared) if span.start < change.t < end}
    calm = rank(NO_INCIDENT)
    former = calm
    for start, over in pairwise([span.start, *sorted(changes), end]):
        is_declared = rank(severity_at(declared, start))
        is_right = rank(severity_at(right, start))
        if is_right == calm:
            is_right = max(is_declared, former)
        else:
            former = is_right
        if over > start:
            yield SeveritySegment(start, over - start, is_declared, is_right)


def _prevented(timeline: Timeline, span: IncidentSpan) -> int:
    """When an incident without any breach was over, ms: its causes removed, its debts paid."""
    removed = [timeline.fault_end(onset.id).removed for onset in timeline.onsets]
    times = [t for t in removed if t is not None]
    if not times or len(times) < len(removed):
        return span.end
    paid = timeline.debt_history_since(first_onset(timeline)).paid(max(times))
    return span.end if paid is None else min(span.end, max(span.start, paid))
