"""Whom a run needed, as lines of a table and as sentences."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.need_record import NeedRecord
from simulator.report.severity_sentences import severity_sentences
from simulator.run.need import Need
from simulator.units.wording import format_count, format_duration, hhmmss, join_words

COLUMNS = ("who", "why", "needed from", "reached", "hops")
NEVER = "never"


class NeedLine(NamedTuple):
    """A team or reader that a run needed; `tone` is good, bad or nothing."""

    who: str
    why: str
    needed_from: str
    reached: str
    hops: str
    tone: str


def need_lines(timeline: Timeline) -> list[NeedLine]:
    """A line for every team and reader that was needed."""
    return [_line(record) for record in timeline.need_records if record.team]


def need_sentences(timeline: Timeline) -> Iterator[str]:
    """That nobody had to be called, if so, the calls without need, and the severity."""
    if all(record.need.reason in ("inform", "severity") for record in timeline.need_records):
        yield "Nobody had to be called."
    if calls := timeline.needless_calls:
        names = [f"{team} (T+{hhmmss(t)})" for team, t in calls.items()]
        yield f"Called without a need: {join_words(names)}."
    yield from severity_sentences(timeline)


def needs_in_short(timeline: Timeline) -> Iterator[str]:
    """A sentence for the calls, one for the readers, and those of the severity."""
    lines = [(r, _line(r)) for r in timeline.need_records if r.team]
    calls = [
        f"{line.who} ({line.why}) from {line.needed_from}, {_reached(record, line)}"
        for record, line in lines
        if record.need.reason != "inform"
    ]
    if calls:
        yield f"Needed: {'; '.join(calls)}."
    waits: dict[str, NeedRecord] = {}  # of each reader the longest
    for record, _ in lines:
        if record.need.reason == "inform":
            waits[record.team] = max(waits.get(record.team, record), record, key=_delay)
    if waits:
        yield f"To be informed: {'; '.join(map(_informed, waits.values()))}."
    if timeline.needless_calls:
        yield f"Called without a need: {join_words([*timeline.needless_calls])}."
    yield from severity_sentences(timeline)


def _delay(record: NeedRecord) -> float:
    return math.inf if record.delay is None else record.delay


def _reached(record: NeedRecord, line: NeedLine) -> str:
    if record.met is None:
        return "never reached"
    hops = "" if record.hops is None else f" over {format_count(record.hops, 'hops')}"
    hops = " without a call" if record.hops == 0 else hops  # the page came to a level of theirs
    fewest = record.need.hops
    more = record.hops is not None and fewest is not None and record.hops > fewest
    return f"reached {line.reached}{hops}{f', {fewest} would do' if more else ''}"


def _informed(record: NeedRecord) -> str:
    when = "never informed" if record.met is None else f"informed {_when(record)}"
    return f"{record.team} from T+{hhmmss(record.t)}, {when}"


def _line(record: NeedRecord) -> NeedLine:
    return NeedLine(
        record.team,
        _why(record.need),
        f"T+{hhmmss(record.t)}",
        _when(record),
        _hops(record),
        "bad" if record.met is None else "good",
    )


def _why(need: Need) -> str:
    """Why somebody was needed.

    Examples
    --------
    >>> _why(Need("owner", "hours")), _why(Need("time_box", since=0, after=1_800_000))
    ('alone can end hours', 'no progress for 30 min')
    >>> _why(Need("permission", action="retrain"))
    'has to approve retrain'
    >>> _why(Need("inform", severity="SEV2", every=1_800_000))
    'has to be informed of SEV2, every 30 min'
    """
    if need.reason == "owner":
        return f"alone can end {need.fault or 'it'}"
    if need.reason == "permission":
        return f"has to approve {need.action or 'it'}"
    if need.reason == "time_box":
        lacking = "nobody took the page" if need.since is None else "no progress"
        return f"{lacking} for {format_duration(need.after or 0)}"
    severity = f" of {need.severity}" if need.severity else ""
    every = f", every {format_duration(need.every)}" if need.every else ""
    return f"has to be informed{severity}{every}"


def _when(record: NeedRecord) -> str:
    """When a need was met."""
    if record.met is None:
        return NEVER
    delay = record.met - record.t
    after = f"{format_duration(delay)} later" if delay > 0 else "in time"
    wait = record.longest_wait
    if wait is not None and record.need.every and wait > record.need.every:
        after += f"; once not for {format_duration(wait)}"
    called = record.need.reason != "inform" and record.called is not None
    after += ", not taken" if called and record.taken is None else ""
    return f"T+{hhmmss(record.met)} ({after})"


def _hops(record: NeedRecord) -> str:
    """The hops taken, and the fewest."""
    fewest = record.need.hops
    if record.need.reason == "inform":
        return ""
    if record.hops is None:
        return "–" if fewest is None else f"– (fewest {fewest})"
    return str(record.hops) if record.hops == fewest else f"{record.hops} (fewest {fewest})"
