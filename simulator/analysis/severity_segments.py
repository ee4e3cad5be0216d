"""The declared and the right severity of an incident, side by side."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from simulator.analysis.incident_span import incident_span
from simulator.analysis.severity_path import rank, severity_at
from simulator.analysis.timeline import Timeline


class SeveritySegment(NamedTuple):
    """A time of constant severities, by their numbers; 1 is the worst, 5 is no incident."""

    t: int
    length: int
    declared: int
    right: int


def severity_segments(timeline: Timeline) -> Iterator[SeveritySegment]:
    """The segments from the first breach, else the first page, until the recovery.

    None where neither author nor on-call file says what is right.
    """
    span = incident_span(timeline)
    right, declared = timeline.right_severity, timeline.declared_severity
    if span is None or not right:
        return
    changes = {change.t for change in (*right, *declared) if span.start < change.t < span.end}
    for start, end in pairwise([span.start, *sorted(changes), span.end]):
        if end > start:
            ranks = rank(severity_at(declared, start)), rank(severity_at(right, start))
            yield SeveritySegment(start, end - start, *ranks)
