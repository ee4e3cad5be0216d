"""The lanes over the plots: faults, alerts, pages, orders, as spans and marks in time."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from simulator.report.orders import order_records
from simulator.report.phrases import alert_names
from simulator.run import Run
from simulator.score.attribution import alert_identity, firings
from simulator.score.marks import Marks
from simulator.score.onsets import onsets
from simulator.score.truth import end_of
from simulator.units.wording import format_count, format_duration, hhmmss, join_words

MOST_ALERTS = 8


class Span(NamedTuple):
    """Something that lasted, ms."""

    start: int
    end: int
    tone: str
    tip: str


class Mark(NamedTuple):
    """Something that happened at a moment; `label` is the order's number in the list."""

    t: int
    shape: str
    tone: str
    tip: str
    label: str = ""


class Lane(NamedTuple):
    """A row of spans and marks."""

    name: str
    spans: list[Span]
    marks: list[Mark]


def lanes(run: Run) -> list[Lane]:
    """The lanes that this run has something in, in the order in which causes go."""
    found = [*_faults(run), *_alerts(run), _pages(run), *_orders(run)]
    return [lane for lane in found if lane.spans or lane.marks]


def _faults(run: Run) -> list[Lane]:
    end = end_of(run)
    over = {event.data.get("fault"): event.t for event in run.of("ended")}
    marks: list[Mark] = []
    found: dict[str, Lane] = {}
    several = len(onsets(run)) > 1
    for event in run.of("inject"):
        name, kind = event.data.get("name"), event.data.get("type")
        if kind == "fault":
            until = over.get(event.data.get("id"), end)
            tip = f"fault {name}: {hhmmss(event.t)} to {hhmmss(until)}"
            lane = f"fault {event.data.get('id')}" if several else "fault"
            bars = found.setdefault(lane, Lane(lane, [], [])).spans
            bars.append(Span(event.t, until, "truth", tip))
        else:
            what = name if kind == "change" else "message"
            marks.append(Mark(event.t, "talk", "truth", f"{hhmmss(event.t)} {kind}: {what}"))
    return [*found.values(), Lane("changes, messages", [], marks)]


def _alerts(run: Run) -> list[Lane]:
    end = end_of(run)
    found: dict[str, list[Span]] = {}
    for firing in firings(run):
        until = end if math.isinf(firing.end) else int(firing.end)
        about = join_words([value for _, value in sorted(firing.alert.labels or ())][:3])
        tip = f"{firing.alert.name} firing {hhmmss(firing.start)} to {hhmmss(until)} ({about})"
        found.setdefault(firing.alert.name, []).append(Span(firing.start, until, "bad", tip))
    for waited, name in _pending(run):
        if name in found:  # an alert that never fired told nobody anything
            found[name].append(waited)
    first = sorted(found, key=lambda name: min(s.start for s in found[name]))
    rows = [Lane(name, _united(found[name]), []) for name in first[:MOST_ALERTS]]
    rest = [one for name in first[MOST_ALERTS:] for one in found[name]]
    if rest:
        more = format_count(len(first) - MOST_ALERTS, "more alerts")
        rows.append(Lane(more, _united(rest), []))
    return rows


def _united(spans: list[Span]) -> list[Span]:
    """Spans of one tone that overlap as one: a rule may fire for a hundred pods at once."""
    found: list[Span] = []
    for tone in ("pending", "bad"):
        last: Span | None = None
        for one in sorted(s for s in spans if s.tone == tone):
            if last is not None and one.start <= last.end:
                last = found[-1] = last._replace(end=max(last.end, one.end))
            else:
                last = one
                found.append(one)
    return found


def _pending(run: Run) -> list[tuple[Span, str]]:
    since: dict[Any, int] = {}
    found = []
    for event in run.of("alert"):
        alert = alert_identity(
            {"alert": event.data.get("alert"), "labels": event.data.get("labels", {})}
        )
        if event.data.get("state") == "pending":
            since[alert] = event.t
        elif alert in since:
            start = since.pop(alert)
            tip = f"{alert.name} pending from {hhmmss(start)}"
            found.append((Span(start, event.t, "pending", tip), alert.name))
    return found


def _pages(run: Run) -> Lane:
    shapes = {"sent": "page", "delivered": "delivered", "acknowledged": "acknowledged"}
    tones = {"acknowledged": "good", "unreached": "bad", "escalated": "bad"}
    about: dict[Any, str] = {}
    marks = []
    for event in run.of("page"):
        state, page = str(event.data.get("state")), event.data.get("page")
        if state == "sent":
            what = join_words(alert_names(event.data.get("alerts") or []))
            about[page] = what or str(event.data.get("about") or "")
        person = event.data.get("person") or ""
        tip = f"{hhmmss(event.t)} page to {event.who} {state} {person} ({about.get(page, '')})"
        marks.append(Mark(event.t, shapes.get(state, "page"), tones.get(state, "page"), tip))
    return Lane("pages", [], marks)


def _orders(run: Run) -> list[Lane]:
    end = end_of(run)
    found: dict[str, Lane] = {}
    for number, doing in enumerate(order_records(run), 1):
        lane = found.setdefault(doing.who, Lane(doing.who, [], []))
        tone = "bad" if doing.state in {"failed", "unknown"} else "run"
        tip = f"{number}. {hhmmss(doing.t)} {doing.text} ({doing.state})"
        if (doing.done or end) - doing.t > 60_000:
            lane.spans.append(Span(doing.t, doing.done or end, "rule", tip))
        lane.marks.append(Mark(doing.t, "order", tone, tip, str(number)))
    return list(found.values())


def stages(marks: Marks, end: int) -> list[dict[str, Any]]:
    """An incident as the stretches that a team knows: silent, harming, being answered, over.

    Returns
    -------
    list of dict
        name, tone, share (of the time from onset to recovery, in per cent) and how long.
    """
    if marks.onset is None:
        return []
    over = marks.recover or marks.mitigate or end
    edges = [("silent", "truth", marks.onset), ("unanswered", "bad", marks.detect)]
    edges += [("diagnosing", "warn", marks.acknowledge), ("mitigating", "run", marks.diagnose)]
    edges += [("cleaning up", "good", marks.mitigate)]
    kept: list[tuple[str, str, int]] = []
    for name, tone, start in edges:
        # What came out of order, a diagnosis after the mitigation say, has no stretch of its own.
        if start is not None and start <= over and (not kept or start >= kept[-1][2]):
            kept.append((name, tone, start))
    starts = [start for _, _, start in kept] + [over]
    whole = max(over - marks.onset, 1)
    return [
        {"name": name, "tone": tone, "share": round(100 * (stop - start) / whole, 2),
         "took": format_duration(stop - start)}
        for (name, tone, start), stop in zip(kept, starts[1:], strict=True)
        if stop > start
    ]  # fmt: skip
