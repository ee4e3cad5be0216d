"""A run as a story: who did what when, in the words of the trade, folded to what matters.

The log of a drill has thousands of lines; a person reads thirty. Repetitions become one entry
with a count, an order and what came of it become one, and what matters least is left out first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.report.entry import Entry, fold
from simulator.report.episodes import alerts, breaches
from simulator.report.orders import OrderRecord, order_records
from simulator.report.phrases import alert_names, arguments, people, shape, short
from simulator.run import Event, Run
from simulator.score.truth import end_of
from simulator.units.wording import format_duration, join_words

MINUTE = 60_000
ROWS = 40

PHASES = {
    "warm-up": "warm-up: not graded",
    "baseline": "baseline: the steady state has to hold",
    "injects": "injects: things go wrong from here on",
}


def story(run: Run, rows: int | None = ROWS) -> tuple[list[Entry], int]:
    """The entries of a run in order of time, and how many were left out to keep to `rows`."""
    entries = [
        *_phases(run),
        *_injects(run),
        *breaches(run),
        *alerts(run),
        *_pages(run),
        *_orders(run),
        *_talk(run),
        *_debts(run),
        *_refused(run),
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
            what = join_words(alert_names(since.data.get("alerts") or [])) or since.data.get(
                "about"
            )
            about = f" about {what}" if what else ""
            waited = f" after {format_duration(event.t - since.t)}" if event.t > since.t else ""
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
    for doing in order_records(run):
        failed = doing.state in {"failed", "unknown"}
        tone, rank = ("bad", 0) if failed else ("order", int(doing.action == "status_update"))
        if doing.done is None or doing.done - doing.t <= 2 * MINUTE:
            yield Entry(doing.t, doing.who, doing.text + _outcome(doing), tone, rank)
        else:
            yield Entry(doing.t, doing.who, doing.text, "order", rank)
            what = f"{doing.action} {doing.state} after {format_duration(doing.done - doing.t)}{doing.noted}"
            yield Entry(doing.done, doing.who, what, "good" if tone == "order" else tone, rank)


def _outcome(doing: OrderRecord) -> str:
    if doing.state in {"failed", "unknown"}:
        return f": {doing.state}{doing.noted}"
    if doing.done is None:
        return ": not done by the end"
    took = doing.done - doing.t
    return (f": done in {format_duration(took)}" if took > 30_000 else "") + doing.noted


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


def _refused(run: Run) -> Iterator[Entry]:
    for event in run.of("refused"):
        text = f"orders what cannot be ordered: {short(str(event.data.get('why')), 110)}"
        yield Entry(event.t, event.who, text, "bad", 2)


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
