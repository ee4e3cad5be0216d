"""The lanes above the plots: faults, alerts, pages and orders, as spans and markers in time."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.marks import Marks
from simulator.analysis.severity_path import NO_INCIDENT
from simulator.report.order_lines import order_lines
from simulator.report.phrases import page_subject
from simulator.run.events import InjectEvent, PageEvent
from simulator.units.wording import format_count, format_duration, hhmmss, join_words

MAX_ALERT_LANES = 8
SEVERITY_TONES = {"SEV1": "bad", "SEV2": "none", "SEV3": "s5", "SEV4": "s1"}


class LaneSpan(NamedTuple):
    """A bar of a lane, ms."""

    start: int
    end: int
    tone: str
    tip: str


class Marker(NamedTuple):
    """A symbol at a moment; `label` is an order's number in the timeline."""

    t: int
    shape: str
    tone: str
    tip: str
    label: str = ""


class Lane(NamedTuple):
    """A row of spans and markers."""

    name: str
    spans: list[LaneSpan]
    markers: list[Marker]


class Segment(NamedTuple):
    """A segment of an incident, between two of its marks.

    `share` is in per cent of the time from onset to recovery.
    """

    name: str
    tone: str
    share: float
    took: str


def lanes(timeline: Timeline) -> list[Lane]:
    """The lanes of a run that are not empty, causes first."""
    every = [*_faults(timeline), *_severities(timeline), *_alerts(timeline), _pages(timeline)]
    every += _orders(timeline)
    return [lane for lane in every if lane.spans or lane.markers]


def _faults(timeline: Timeline) -> list[Lane]:
    end = timeline.end
    markers: list[Marker] = []
    by_name: dict[str, Lane] = {}
    several = len(timeline.onsets) > 1
    for event in timeline.run.of(InjectEvent):
        name, kind = event.name, event.type
        if kind == "fault":
            removed = timeline.fault_end(event.id).removed
            until = end if removed is None else removed
            tip = f"fault {name}: {hhmmss(event.t)} to {hhmmss(until)}"
            lane = f"fault {event.id}" if several else "fault"
            spans = by_name.setdefault(lane, Lane(lane, [], [])).spans
            spans.append(LaneSpan(event.t, until, "truth", tip))
        else:
            subject = name if kind == "change" else "message"
            tip = f"{hhmmss(event.t)} {kind}: {subject}"
            markers.append(Marker(event.t, "talk", "truth", tip))
    return [*by_name.values(), Lane("changes, messages", [], markers)]


def _severities(timeline: Timeline) -> Iterator[Lane]:
    """The right severity over time, and the declared one below it; SEV5 is none."""
    if not timeline.right_severity:
        return
    paths = {"right severity": timeline.right_severity, "declared": timeline.declared_severity}
    for name, path in paths.items():
        lane = Lane(name, [], [])
        ends = [change.t for change in path[1:]] + [timeline.end]
        for change, end in zip(path, ends, strict=True):
            if change.severity != NO_INCIDENT:
                tone = SEVERITY_TONES[change.severity]
                tip = f"{name} {change.severity}: {hhmmss(change.t)} to {hhmmss(end)}"
                lane.spans.append(LaneSpan(change.t, end, tone, tip))
        yield lane


def _alerts(timeline: Timeline) -> list[Lane]:
    end = timeline.end
    by_rule: dict[str, list[LaneSpan]] = {}
    for span in timeline.firings:
        start, until = span.start, end if span.end is None else span.end
        labels = join_words([value for _, value in span.alert.labels or ()][:3])
        tip = f"{span.alert.name} firing {hhmmss(start)} to {hhmmss(until)} ({labels})"
        by_rule.setdefault(span.alert.name, []).append(LaneSpan(start, until, "bad", tip))
    for span in timeline.alert_spans:
        over = span.end if span.firing is None else span.firing
        # An alert that never fired notified nobody.
        if span.pending is not None and over is not None and span.alert.name in by_rule:
            tip = f"{span.alert.name} pending from {hhmmss(span.pending)}"
            by_rule[span.alert.name].append(LaneSpan(span.pending, over, "pending", tip))
    names = sorted(by_rule, key=lambda name: min(span.start for span in by_rule[name]))
    rows = [Lane(name, _merge_overlaps(by_rule[name]), []) for name in names[:MAX_ALERT_LANES]]
    rest = [span for name in names[MAX_ALERT_LANES:] for span in by_rule[name]]
    if rest:
        more = format_count(len(names) - MAX_ALERT_LANES, "more alerts")
        rows.append(Lane(more, _merge_overlaps(rest), []))
    return rows


def _merge_overlaps(spans: list[LaneSpan]) -> list[LaneSpan]:
    """Spans of one tone that overlap as one: a rule may fire for a hundred pods at once."""
    merged: list[LaneSpan] = []
    for tone in ("pending", "bad"):
        last: LaneSpan | None = None
        for span in sorted(span for span in spans if span.tone == tone):
            if last is not None and span.start <= last.end:
                last = merged[-1] = last._replace(end=max(last.end, span.end))
            else:
                last = span
                merged.append(span)
    return merged


def _pages(timeline: Timeline) -> Lane:
    shapes = {"sent": "page", "delivered": "delivered", "acknowledged": "acknowledged"}
    tones = {"acknowledged": "good", "lost": "bad", "escalated": "bad", "exhausted": "bad"}
    subjects: dict[int, str] = {}
    markers = []
    for event in timeline.run.of(PageEvent):
        state, page = event.state, event.page
        subjects.setdefault(page, page_subject(event))
        if state in ("seen", "not taken", "resolved"):
            continue  # its neighbours have markers
        person = event.person
        tip = f"{hhmmss(event.t)} page to {event.who} {state} {person} ({subjects.get(page, '')})"
        markers.append(Marker(event.t, shapes.get(state, "page"), tones.get(state, "page"), tip))
    return Lane("pages", [], markers)


def _orders(timeline: Timeline) -> list[Lane]:
    end = timeline.end
    by_player: dict[str, Lane] = {}
    for number, (order, text) in enumerate(order_lines(timeline), 1):
        lane = by_player.setdefault(order.who, Lane(order.who, [], []))
        tone = "bad" if order.failed else "run"
        tip = f"{number}. {hhmmss(order.t)} {text} ({order.state})"
        if (order.done or end) - order.t > 60_000:
            lane.spans.append(LaneSpan(order.t, order.done or end, "rule", tip))
        lane.markers.append(Marker(order.t, "order", tone, tip, str(number)))
    return list(by_player.values())


def incident_segments(marks: Marks, end: int) -> list[Segment]:
    """An incident as segments: silent, unanswered, diagnosing, mitigating, cleaning up."""
    if marks.onset is None:
        return []
    over = marks.recover or marks.mitigate or end
    edges = [("silent", "truth", marks.onset), ("unanswered", "bad", marks.detect)]
    edges += [("diagnosing", "warn", marks.acknowledge), ("mitigating", "run", marks.diagnose)]
    edges += [("cleaning up", "good", marks.mitigate)]
    starts: list[tuple[str, str, int]] = []
    for name, tone, start in edges:
        # A mark out of order, such as a diagnosis after the mitigation, begins no segment.
        if start is not None and start <= over and (not starts or start >= starts[-1][2]):
            starts.append((name, tone, start))
    stops = [start for _, _, start in starts[1:]] + [over]
    whole = max(over - marks.onset, 1)
    return [
        Segment(name, tone, round(100 * (stop - start) / whole, 2), format_duration(stop - start))
        for (name, tone, start), stop in zip(starts, stops, strict=True)
        if stop > start
    ]
