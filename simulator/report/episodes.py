"""Breaches and alerts as episodes: one that comes and goes at short intervals is one entry."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.analysis import Timeline
from simulator.report.entry import StoryEntry
from simulator.report.phrases import format_limit
from simulator.run.events import ObjectiveEvent
from simulator.units.wording import format_beside_limit, format_duration

# A breach or an alert that returns within this time continues; it is not a new one.
FLAPPING = 5 * 60_000


def breaches(timeline: Timeline) -> Iterator[StoryEntry]:
    """The breaches of every objective, and when it was back inside."""
    by_name = {objective.name: objective for objective in timeline.truth.objectives}
    begun: dict[str, StoryEntry] = {}
    over: dict[str, ObjectiveEvent] = {}
    for event in timeline.run.of(ObjectiveEvent):
        name = event.name
        objective, value = by_name.get(name), math.nan if event.value is None else event.value
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
        early = event.t < timeline.header.warm_up
        tone, rank = ("log", 3) if early else ("bad", 0)
        begun[name] = StoryEntry(event.t, name, text, tone, rank)
    for name, entry in begun.items():
        yield from _episode(entry, over.pop(name, None))


def _episode(breach: StoryEntry | None, over: ObjectiveEvent | None) -> Iterator[StoryEntry]:
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
    summary: str
    count: int = 1


def alerts(timeline: Timeline) -> Iterator[StoryEntry]:
    """The firings of every rule; those that overlap or follow each other closely are one entry."""
    by_rule: dict[str, list[_AlertEpisode]] = {}
    for span in timeline.firings:
        episodes = by_rule.setdefault(span.alert.name, [])
        start, end = span.start, math.inf if span.end is None else span.end
        if episodes and start - episodes[-1].end < FLAPPING:
            episodes[-1].end = max(episodes[-1].end, end)
            episodes[-1].count += 1
        else:
            episodes.append(_AlertEpisode(start, end, span.summary))
    for name, episodes in by_rule.items():
        for episode in episodes:
            text = f"firing: {episode.summary}" if episode.summary else "firing"
            yield StoryEntry(episode.start, name, text, "alert", 0, episode.count)
            if episode.end <= timeline.end:
                lasted = format_duration(episode.end - episode.start)
                yield StoryEntry(int(episode.end), name, f"resolved after {lasted}", "good", 4)
