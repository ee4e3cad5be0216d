"""Breaches and alerts as they are told: one that comes and goes in short turns is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simulator.report.entry import Entry
from simulator.report.phrases import number
from simulator.run import Event, Run
from simulator.score.attribution import firings
from simulator.score.truth import end_of, objectives
from simulator.units.wording import format_amount, format_beside_limit, format_duration

# A breach or an alert that comes back within this time goes on; it is not another one.
FLAPPING = 5 * 60_000


def breaches(run: Run) -> Iterator[Entry]:
    """What every objective did: its breaches, and when it was back inside."""
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
        limit = f"{side} {format_amount(objective.limit, objective.unit)}"
        text = f"breached: {format_beside_limit(value, objective.limit, objective.unit)}, {limit}"
        early = event.t < int(run.header.get("warm_up", 0))
        begun[name] = Entry(event.t, name, text, "log" if early else "bad", 3 if early else 0)
    for name, entry in begun.items():
        yield from _breach(entry, over.pop(name, None))


def _breach(entry: Entry | None, over: Event | None) -> Iterator[Entry]:
    if entry is None:
        return
    yield entry
    if over is not None:
        lasted = format_duration(over.t - entry.t)
        tone = "log" if entry.tone == "log" else "good"
        yield Entry(over.t, entry.who, f"back inside after {lasted}", tone, entry.rank)


def alerts(run: Run) -> Iterator[Entry]:
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
                yield Entry(
                    int(end), name, f"resolved after {format_duration(end - start)}", "good", 2
                )
