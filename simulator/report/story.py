"""A run as a story: who did what when, in the words of the trade, folded to what matters.

The log of a drill has thousands of lines; a person reads thirty. Repetitions become one entry
with a count, an order and what came of it become one, and what matters least is left out first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from simulator.report.orders import Doing, doings
from simulator.report.phrases import alert_names, arguments, number, people, shape, short
from simulator.run import Event, Run
from simulator.score.attribution import firings
from simulator.score.truth import end_of, objectives
from simulator.score.words import amount, listing, span, stamp

MINUTE = 60_000
# A breach or an alert that comes back within this time goes on; it is not another one.
FLAPPING = 5 * MINUTE
ROWS = 40

PHASES = {
    "warm-up": "warm-up: not graded",
    "baseline": "baseline: the steady state has to hold",
    "injects": "injects: things go wrong from here on",
}


@dataclass(frozen=True)
class Entry:
    """One line of the story.

    Attributes
    ----------
    t, until : int, ms
        When it happened, and when for the last time.
    who : str
    text : str
    tone : str
        phase, truth, bad, good, alert, page, order, talk or log: how it is coloured.
    rank : int
        0 is never left out; the higher, the sooner.
    count : int
    """

    t: int
    who: str
    text: str
    tone: str
    rank: int = 0
    count: int = 1
    until: int | None = None

    @property
    def told(self) -> str:
        """The text with how often it happened."""
        if self.count == 1:
            return self.text
        last = f", last at {stamp(self.until)}" if self.until else ""
        return f"{self.text} (×{self.count}{last})"


def story(run: Run, rows: int | None = ROWS) -> tuple[list[Entry], int]:
    """The entries of a run in order of time, and how many were left out to keep to `rows`."""
    entries = [
        *_phases(run),
        *_injects(run),
        *_objectives(run),
        *_alerts(run),
        *_pages(run),
        *_orders(run),
        *_talk(run),
        *_debts(run),
        *_looks(run),
        *_lines(run),
        *_ends(run),
    ]
    # sorted() is stable: at one time, causes come before what they bring about, as listed above.
    entries.sort(key=lambda entry: entry.t)
    if rows is None or len(entries) <= rows:
        return entries, 0
    kept = sorted(range(len(entries)), key=lambda i: (entries[i].rank, i))[:rows]
    must = [i for i, entry in enumerate(entries) if entry.rank == 0]
    chosen = sorted(set(kept) | set(must))
    return [entries[i] for i in chosen], len(entries) - len(chosen)


def _phases(run: Run) -> Iterator[Entry]:
    for event in run.of("phase"):
        name = str(event.data.get("name"))
        if name != "end":
            yield Entry(event.t, "director", PHASES.get(name, name), "phase")


def _injects(run: Run) -> Iterator[Entry]:
    landed = {event.data.get("fault"): event for event in run.of("landed")}
    missed = {event.data.get("fault"): f": {event.data.get('why')}" for event in run.of("missed")}
    for event in run.of("inject"):
        data, kind = event.data, event.data.get("type")
        if kind == "message":
            continue
        where = f" on {data['target']}" if data.get("target") else ""
        args = arguments(data.get("args") or {})
        if kind == "change":
            told = f"change: {data.get('name')} {args}".strip()
            yield Entry(event.t, "director", told, "truth", 1)
            continue
        yield Entry(
            event.t, "fault", f"{data.get('name')}{where}" + (f": {args}" if args else ""), "truth"
        )
        bite = landed.get(data.get("id"))
        if bite is None:
            why = missed.get(data.get("id"), "")
            yield Entry(event.t, "fault", f"{data.get('id')} never landed{why}", "bad")
        elif bite.t - event.t > MINUTE:
            yield Entry(bite.t, "fault", f"{data.get('id')} bites for the first time", "truth")
    for event in run.of("ended"):
        why = "its cause was removed" if event.data.get("why") == "fact" else "its time was up"
        yield Entry(event.t, "fault", f"{event.data.get('fault')} is over: {why}", "truth")


def _objectives(run: Run) -> Iterator[Entry]:
    known = {objective.name: objective for objective in objectives(run)}
    begun: dict[str, Entry] = {}
    over: dict[str, Event] = {}
    for event in run.of("objective"):
        name = str(event.data.get("name"))
        objective, value = known.get(name), number(event.data.get("value"))
        if objective is None:
            continue
        if event.data.get("state") == "held":
            over[name] = event
            continue
        gone_on = name in over and event.t - over[name].t < FLAPPING
        if gone_on and name in begun:
            del over[name]
            begun[name] = replace(begun[name], count=begun[name].count + 1, until=event.t)
            continue
        yield from _breach(begun.pop(name, None), over.pop(name, None))
        side = "min" if objective.limit == objective.low else "max"
        limit = f"{side} {amount(objective.limit, objective.unit)}"
        text = f"breached: {amount(value, objective.unit)}, {limit}"
        early = event.t < int(run.header.get("warm_up", 0))
        begun[name] = Entry(event.t, name, text, "log" if early else "bad", 3 if early else 0)
    for name, entry in begun.items():
        yield from _breach(entry, over.pop(name, None))


def _breach(entry: Entry | None, over: Event | None) -> Iterator[Entry]:
    if entry is None:
        return
    yield entry
    if over is not None:
        lasted = span(over.t - entry.t)
        tone = "log" if entry.tone == "log" else "good"
        yield Entry(over.t, entry.who, f"back inside after {lasted}", tone, entry.rank)


def _alerts(run: Run) -> Iterator[Entry]:
    """Firings of one rule that overlap or follow each other closely are told once."""
    text: dict[tuple[int, Any], str] = {}
    for event in run.of("alert"):
        if event.data.get("state") == "firing":
            notes = event.data.get("annotations") or {}
            about = notes.get("summary") or notes.get("description") or ""
            text.setdefault((event.t, event.data.get("alert")), str(about))
    groups: dict[str, list[list[Any]]] = {}
    for firing in firings(run):
        episodes = groups.setdefault(firing.alert.name, [])
        if episodes and firing.start - episodes[-1][1] < FLAPPING:
            episodes[-1][1] = max(episodes[-1][1], firing.end)
            episodes[-1][2] += 1
        else:
            episodes.append([firing.start, firing.end, 1])
    for name, episodes in groups.items():
        for start, end, count in episodes:
            about = text.get((start, name), "")
            yield Entry(start, name, "firing" + (f": {about}" if about else ""), "alert", 0, count)
            if end <= end_of(run):
                yield Entry(int(end), name, f"resolved after {span(end - start)}", "good", 2)


def _pages(run: Run) -> Iterator[Entry]:
    orders = {event.t for event in run.of("action") if event.data.get("state") == "done"}
    sent: dict[Any, Event] = {}
    for event in run.of("page"):
        page, state = event.data.get("page"), event.data.get("state")
        person = str(event.data.get("person") or "nobody")
        if state == "sent":
            sent[page] = event
        elif state == "delivered":
            since = sent.get(page, event)
            what = listing(alert_names(since.data.get("alerts") or [])) or since.data.get("about")
            about = f" about {what}" if what else ""
            waited = f" after {span(event.t - since.t)}" if event.t > since.t else ""
            yield Entry(event.t, event.who, f"the page{about} reaches {person}{waited}", "page", 1)
        elif state == "unreached":
            yield Entry(event.t, event.who, f"the page does not reach {person}", "bad", 1)
        elif state == "escalated":
            yield Entry(event.t, event.who, f"unanswered: the page goes on to {person}", "page", 1)
        elif state == "acknowledged" and (
            event.who != run.header.get("plays") or event.t not in orders
        ):
            yield Entry(event.t, event.who, f"{person} acknowledges", "page", 1)


def _orders(run: Run) -> Iterator[Entry]:
    for doing in doings(run):
        failed = doing.state in {"failed", "unknown"}
        tone, rank = ("bad", 0) if failed else ("order", int(doing.action == "status_update"))
        if doing.done is None or doing.done - doing.t <= 2 * MINUTE:
            yield Entry(doing.t, doing.who, doing.text + _outcome(doing), tone, rank)
        else:
            yield Entry(doing.t, doing.who, doing.text, "order", rank)
            what = f"{doing.action} {doing.state} after {span(doing.done - doing.t)}{_note(doing)}"
            yield Entry(doing.done, doing.who, what, "good" if tone == "order" else tone, rank)


def _outcome(doing: Doing) -> str:
    if doing.state in {"failed", "unknown"}:
        return f": {doing.state}{_note(doing)}"
    if doing.done is None:
        return ": not done by the end"
    took = doing.done - doing.t
    return (f": done in {span(took)}" if took > 30_000 else "") + _note(doing)


def _note(doing: Doing) -> str:
    return f": {doing.note}" if doing.note else ""


def _talk(run: Run) -> Iterator[Entry]:
    updates = {(o.who, (o.data.get("args") or {}).get("text")) for o in run.of("order")}
    for event in run.of("message"):
        if (event.who, event.data.get("text")) in updates:
            continue  # told as the order that it was
        to = people(event.data.get("to"))
        yield Entry(event.t, event.who, f"to {to}: “{event.data.get('text')}”", "talk", 1)


def _debts(run: Run) -> Iterator[Entry]:
    for event in run.of("debt"):
        name = event.data.get("name")
        owed = event.data.get("state") == "owed"
        text = f"{name} has to be put right" if owed else f"{name} put right"
        yield Entry(event.t, "debt", text, "truth" if owed else "good", 2)


def _looks(run: Run) -> Iterator[Entry]:
    found = (
        Entry(e.t, e.who, f"looks at {short(str(e.data.get('expr', '')), 60)}{why}", *weight)
        for e in run.of("look")
        for why, weight in [_unanswered(e)]
    )
    return fold(found, key=lambda entry: f"{entry.who} {entry.text}")


def _unanswered(look: Event) -> tuple[str, tuple[str, int]]:
    """Why a look gave nothing to decide by, and the tone and rank of it: whoever asked went on
    as if it were so, and a drill is often decided there."""
    error = look.data.get("error")
    return (f": no answer: {short(str(error), 80)}", ("bad", 2)) if error else ("", ("log", 4))


def _lines(run: Run) -> Iterator[Entry]:
    found = (
        Entry(e.t, e.who, short(str(e.data.get("text", "")), 110), _level(e)[0], _level(e)[1])
        for e in run.of("line")
        if str(e.data.get("level", "INFO")).upper() not in {"INFO", "DEBUG"}
    )
    return fold(found, key=lambda entry: f"{entry.who} {shape(entry.text)}")


def _level(event: Event) -> tuple[str, int]:
    level = str(event.data.get("level", "")).upper()
    return ("log", 5) if level.startswith("WARN") else ("bad", 3)


def _ends(run: Run) -> Iterator[Entry]:
    for event in run.of("end", "interrupted"):
        reason = event.data.get("reason")
        reason = "its time is over" if reason == "duration" else reason
        word = "the drill ends" if event.kind == "end" else "interrupted"
        yield Entry(event.t, "director", word + (f": {reason}" if reason else ""), "phase")
    if not run.complete and not any(run.of("interrupted")):
        yield Entry(end_of(run), "director", "the log ends here; the drill did not", "bad")


def fold(entries: Iterable[Entry], key: Any) -> Iterator[Entry]:
    """Entries of one key as one, at the time of the first, with how many there were.

    Examples
    --------
    >>> twice = [Entry(0, "a", "row 7 failed", "log"), Entry(5, "a", "row 9 failed", "log")]
    >>> [entry.told for entry in fold(twice, key=lambda entry: shape(entry.text))]
    ['row 7 failed (×2, last at 00:00:00)']
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        name = key(entry)
        if name in found:
            first = found[name]
            found[name] = replace(first, count=first.count + 1, until=entry.t)
        else:
            found[name] = entry
    return iter(found.values())
