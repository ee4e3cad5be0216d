"""The right severity of a run and the declared one, in sentences."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulator.analysis import Timeline
from simulator.analysis.need_record import NeedRecord
from simulator.analysis.severity_path import NO_INCIDENT, SeverityChange, severity_at
from simulator.units.wording import format_duration, hhmmss, join_words

# A path of more changes is described by its worst.
MAX_CHANGES = 6


def severity_sentences(timeline: Timeline) -> Iterator[str]:
    """The right severity over time, the declared one, and how long they were the same."""
    right, declared = timeline.right_severity, timeline.declared_severity
    record = next((r for r in timeline.need_records if r.need.reason == "severity"), None)
    if record is None:
        return
    yield f"Right severity: {_path(right)}. Declared: {_path(declared)}."
    times = {name: ms for name, ms in _comparison(right, declared, record).items() if ms}
    parts = [f"{name} for {format_duration(ms)}" for name, ms in times.items()]
    if len(times) == 1:
        [name] = times
        parts = ["not declared at all" if name == "not declared" else f"{name} throughout"]
    shares = join_words(parts)
    yield f"Over {format_duration(record.until - record.t)} it was {shares}."


def _path(path: Sequence[SeverityChange]) -> str:
    """A path of severities; its start without any is left out."""
    changes = path[1:] if path and path[0].severity == NO_INCIDENT else path
    if not changes:
        return "none"
    if len(changes) > MAX_CHANGES:
        worst = min(changes, key=lambda change: (change.severity, change.t))
        return (
            f"{worst.severity} at worst, first at T+{hhmmss(worst.t)}, "
            f"in {len(changes)} changes from T+{hhmmss(changes[0].t)} on"
        )
    return join_words(
        [
            f"{'none' if c.severity == NO_INCIDENT else c.severity} from T+{hhmmss(c.t)}"
            for c in changes
        ]
    )


def _comparison(
    right: Sequence[SeverityChange], declared: Sequence[SeverityChange], record: NeedRecord
) -> dict[str, int]:
    """How long the declared severity was right, too low, too high, or there was none, ms."""
    times = dict.fromkeys(("right", "too low", "too high", "not declared"), 0)
    changes = {change.t for change in (*right, *declared) if record.t < change.t < record.until}
    edges = sorted({record.t, record.until, *changes})
    for start, end in pairwise(edges):
        truth, stated = severity_at(right, start), severity_at(declared, start)
        if stated == truth:
            name = "right"
        elif stated == NO_INCIDENT:
            name = "not declared"
        else:
            name = "too low" if stated > truth else "too high"
        times[name] += end - start
    return times
