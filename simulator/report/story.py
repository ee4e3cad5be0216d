"""A run as a story: its important events in order, in the field's words.

The log of a drill has thousands of lines; a person reads thirty. Repetitions become one entry with
a count, an order and its outcome become one entry, and the least important are left out first.
"""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.order_records import OrderRecord, facilitators
from simulator.report.entry import StoryEntry, fold, fold_repeats
from simulator.report.episodes import alerts, breaches
from simulator.report.look_entries import looks
from simulator.report.order_lines import OrderLine, order_lines
from simulator.report.page_entries import pages
from simulator.report.phrases import (
    format_args,
    format_recipients,
    line_pattern,
    shorten,
)
from simulator.report.step_entries import steps
from simulator.run import Run
from simulator.run.events import (
    ActionEvent,
    DebtEvent,
    DroppedEvent,
    EndedEvent,
    EndEvent,
    InjectEvent,
    InterruptedEvent,
    LandedEvent,
    LineEvent,
    MessageEvent,
    MissedEvent,
    OrderEvent,
    PhaseEvent,
    RefusedEvent,
    ResponderEvent,
)
from simulator.score.troubles import format_trouble
from simulator.units.wording import format_duration

MINUTE = 60_000
ROWS = 40
LESS_IMPORTANT = frozenset({"acknowledge", "status_update"})

PHASES = {
    "warm-up": "warm-up: not graded",
    "baseline": "baseline: the steady state has to hold",
    "injects": "injects: faults may begin",
}


def story(timeline: Timeline, rows: int | None = ROWS) -> tuple[list[StoryEntry], int]:
    """The entries of a run in order of time, and how many were left out to keep to `rows`."""
    run = timeline.run
    entries = [
        *_phases(run),
        *_injects(run),
        *breaches(timeline),
        *alerts(timeline),
        *pages(timeline),
        *looks(run),
        *steps(run),
        *fold_repeats(_orders(timeline)),
        *_hints(run),
        *_messages(run),
        *_debts(run),
        *fold_repeats(_refused(run)),
        *_troubles(run),
        *_log_lines(run),
        *_ends(timeline),
    ]
    # sorted() is stable: at one time, causes come before their effects, as listed above.
    entries.sort(key=lambda entry: entry.t)
    if rows is None or len(entries) <= rows:
        return entries, 0
    by_rank = sorted(range(len(entries)), key=lambda i: (entries[i].rank, i))[:rows]
    required = [i for i, entry in enumerate(entries) if entry.rank == 0]
    chosen = sorted(set(by_rank) | set(required))
    return [entries[i] for i in chosen], len(entries) - len(chosen)


def _phases(run: Run) -> Iterator[StoryEntry]:
    for event in run.of(PhaseEvent):
        name = event.name
        if name != "end":
            # The first two phases are the same in every drill.
            rank = 0 if name == "injects" else 4
            yield StoryEntry(event.t, "director", PHASES.get(name, name), "phase", rank)


def _injects(run: Run) -> Iterator[StoryEntry]:
    landed = {event.fault: event.t for event in run.of(LandedEvent)}
    missed = {event.fault: f": {event.why}" for event in run.of(MissedEvent)}
    facilitator = _injecting_facilitators(run)
    for event in run.of(InjectEvent):
        kind = event.type
        if kind == "message":
            continue
        args, by = format_args(event.args), facilitator.get(event.id, "")
        if kind == "change":
            text = f"change: {event.name} {args}".strip() + by
            yield StoryEntry(event.t, "director", text, "truth", 1)
            continue
        target = f" on {event.target}" if event.target else ""
        text = f"{event.name}{target}" + (f": {args}" if args else "") + by
        yield StoryEntry(event.t, "fault", text, "truth")
        t = landed.get(event.id)
        if t is None:
            # A fault may wait for work: of a run that was cut off, nobody knows.
            when = "never landed" if run.complete else "had not landed when the log ends"
            text = f"{event.id} {when}{missed.get(event.id, '')}"
            yield StoryEntry(event.t, "fault", text, "bad")
        elif t - event.t > MINUTE:
            yield StoryEntry(t, "fault", f"{event.id} has its first effect", "truth")
    for ended in run.of(EndedEvent):
        why = "its cause was removed" if ended.why == "fact" else "its duration ended"
        yield StoryEntry(ended.t, "fault", f"{ended.fault} is over: {why}", "truth")
    for dropped in run.of(DroppedEvent):
        text = f"{dropped.id} does not take place: {dropped.why}"
        yield StoryEntry(dropped.t, "director", text, "log", 3)


def _injecting_facilitators(run: Run) -> dict[str, str]:
    """Who injected it, by the id of an inject that is not the scenario's."""
    return {
        str(event.result.get("id")): f" (injected by {event.who})"
        for event in run.of(ActionEvent)
        if event.action == "inject" and event.state == "done"
    }


def _orders(timeline: Timeline) -> Iterator[StoryEntry]:
    for number, line in enumerate(order_lines(timeline), 1):
        order = line.order
        less_important = order.action in LESS_IMPORTANT or order.state == "waiting"
        rank = 0 if order.failed else int(less_important)
        begun = order.t if order.started is None else order.started
        text, tone = line.text + _wait(order), "bad" if order.failed else "order"
        if order.done is None or order.done - begun <= 2 * MINUTE:
            text += _outcome(line, begun)
            yield StoryEntry(order.t, order.who, text, tone, rank, number=number)
        else:
            yield StoryEntry(order.t, order.who, text, "order", rank, number=number)
            took = format_duration(order.done - begun)
            text = f"{order.action} {order.state} after {took}{line.note_suffix}"
            tone = "good" if tone == "order" else tone
            yield StoryEntry(order.done, order.who, text, tone, rank)


def _wait(order: OrderRecord) -> str:
    if order.state == "waiting":
        return ": waits to the end, hands are full"
    if order.started is None:
        return ""
    return f": waits {format_duration(order.started - order.t)}, hands are full"


def _outcome(line: OrderLine, begun: int) -> str:
    order = line.order
    if order.failed:
        return f": {order.state}{line.note_suffix}"
    if order.done is None:
        return ": not done by the end" if order.state == "under way" else ""
    took = order.done - begun
    return (f": done in {format_duration(took)}" if took > 30_000 else "") + line.note_suffix


def _hints(run: Run) -> Iterator[StoryEntry]:
    """Hints of facilitators; what else they order has events of its own."""
    directing = facilitators(run)
    failed = {(a.who, a.order): a.note for a in run.of(ActionEvent) if a.state == "failed"}
    for order in run.of(OrderEvent):
        if order.action == "hint" and order.who in directing:
            text = f"hint to {order.args.get('to')} by {order.who}: “{order.args.get('text')}”"
            note = failed.get((order.who, order.id))
            text, tone = (text, "talk") if note is None else (f"{text}: failed: {note}", "bad")
            yield StoryEntry(order.t, "director", text, tone, 1)


def _messages(run: Run) -> Iterator[StoryEntry]:
    updates = {(o.who, o.args.get("text")) for o in run.of(OrderEvent)}
    for event in run.of(MessageEvent):
        if (event.who, event.text) in updates:
            continue  # its order has an entry
        text = f"to {format_recipients(event.to)}: “{event.text}”"
        yield StoryEntry(event.t, event.who, text, "talk", 1)


def _debts(run: Run) -> Iterator[StoryEntry]:
    for event in run.of(DebtEvent):
        owed = event.state == "owed"
        text = f"{event.name} {'owed' if owed else 'paid'}"
        yield StoryEntry(event.t, "debt", text, "truth" if owed else "good", 3)


def _refused(run: Run) -> Iterator[StoryEntry]:
    for event in run.of(RefusedEvent):
        text = f"gives an invalid order: {shorten(event.why, 110)}"
        yield StoryEntry(event.t, event.who, text, "bad", 2)


def _troubles(run: Run) -> Iterator[StoryEntry]:
    for event in run.of(ResponderEvent):
        text = f"the responder {format_trouble(event)}; it plays no more"
        yield StoryEntry(event.t, event.who, text, "bad")


def _log_lines(run: Run) -> Iterator[StoryEntry]:
    entries = []
    for event in run.of(LineEvent):
        level = event.level.upper()
        if level not in {"INFO", "DEBUG"}:
            text = shorten(event.text, 110)
            tone, rank = ("log", 5) if level.startswith("WARN") else ("bad", 3)
            entries.append(StoryEntry(event.t, event.who, text, tone, rank))
    return fold(entries, key=lambda entry: f"{entry.who} {line_pattern(entry.text)}")


def _ends(timeline: Timeline) -> Iterator[StoryEntry]:
    run = timeline.run
    ends: list[EndEvent | InterruptedEvent] = [*run.of(EndEvent), *run.of(InterruptedEvent)]
    for event in ends:
        reason = event.reason
        reason = "its duration is over" if reason == "duration" else reason
        text = "the drill ends" if event.kind == "end" else "the drill is interrupted"
        suffix = f": {reason}" if reason and reason != event.kind else ""
        yield StoryEntry(event.t, "director", text + suffix, "phase")
    if not run.complete and not any(run.of(InterruptedEvent)):
        yield StoryEntry(timeline.end, "director", "the log ends before the drill", "bad")
