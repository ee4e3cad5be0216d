"""Breaches and alerts as episodes: one that comes and goes at short intervals is one entry."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from simulator.analysis.attribution import firings
from simulator.analysis.truth import end_of, objectives
from simulator.report.entry import StoryEntry
from simulator.report.phrases import format_limit, to_float
from simulator.run import Event, Run
from simulator.run.events import AlertEvent, ObjectiveEvent
from simulator.units.wording import format_beside_limit, format_duration

# A breach or an alert that returns within this time continues; it is not a new one.
FLAPPING = 5 * 60_000


def breaches(run: Run) -> Iterator[StoryEntry]:
    """The breaches of every objective, and when it was back inside."""
    by_name = {objective.name: objective for objective in objectives(run)}
    begun: dict[str, StoryEntry] = {}
    over: dict[str, Event] = {}
    for event in run.of(ObjectiveEvent):
        name = event.name
        objective, value = by_name.get(name), to_float(event.value)
        if objective is None:
            continue
        if event.state == "held":
            over[name] = event
            continue
        continues = name in over and event.t - over[name].t < FLAPPING
        if continues and name in begun:
            del over[name]
            begun[name] = replace(begun[name], count=begun[name].count + 1, until=event.t)
            continue
        yield from _episode(begun.pop(name, None), over.pop(name, None))
        beside = format_beside_limit(value, objective.limit, objective.unit)
        text = f"breached: {beside}, {format_limit(objective)}"
        early = event.t < run.header.warm_up
        tone, rank = ("log", 3) if early else ("bad", 0)
        begun[name] = StoryEntry(event.t, name, text, tone, rank)
    for name, entry in begun.items():
        yield from _episode(entry, over.pop(name, None))


def _episode(breach: StoryEntry | None, over: Event | None) -> Iterator[StoryEntry]:
    if breach is None:
        return
    yield breach
    if over is not None:
        text = f"back inside after {format_duration(over.t - breach.t)}"
        tone = "log" if breach.tone == "log" else "good"
        yield StoryEntry(over.t, breach.who, text, tone, breach.rank)


@dataclass
class _AlertEpisode:
    """Firings of one rule that overlap or follow each other closely, ms."""

    start: int
    end: float
    count: int = 1


def alerts(run: Run) -> Iterator[StoryEntry]:
    """The firings of every rule; those that overlap or follow each other closely are one entry."""
    summaries: dict[tuple[int, Any], str] = {}
    for event in run.of(AlertEvent):
        if event.state == "firing":
            notes = event.annotations
            summary = notes.get("summary") or notes.get("description") or ""
            summaries.setdefault((event.t, event.alert), str(summary))
    by_rule: dict[str, list[_AlertEpisode]] = {}
    for firing in firings(run):
        episodes = by_rule.setdefault(firing.alert.name, [])
        if episodes and firing.start - episodes[-1].end < FLAPPING:
            episodes[-1].end = max(episodes[-1].end, firing.end)
            episodes[-1].count += 1
        else:
            episodes.append(_AlertEpisode(firing.start, firing.end))
    for name, episodes in by_rule.items():
        for episode in episodes:
            summary = summaries.get((episode.start, name), "")
            text = f"firing: {summary}" if summary else "firing"
            yield StoryEntry(episode.start, name, text, "alert", 0, episode.count)
            if episode.end <= end_of(run):
                lasted = format_duration(episode.end - episode.start)
                yield StoryEntry(int(episode.end), name, f"resolved after {lasted}", "good", 4)
