"""The ladder of the escalation policy for each page: every level, and what became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.page_history import PageHistory
from simulator.report.phrases import page_subject
from simulator.run.events import PageEvent
from simulator.run.header import PolicyStage
from simulator.units.wording import format_count, hhmmss, join_words

# A policy may go over its levels again and again, and a flood of alerts has many pages.
MAX_STEPS = 8
MAX_LADDERS = 12
MISSED = {"asleep": "slept through it", "busy": "was busy"}


class LadderStep(NamedTuple):
    """A level of a ladder; `tone` is good where somebody took the page, bad where none could."""

    level: str
    text: str
    tone: str


class PageLadder(NamedTuple):
    """A page, and the levels of its policy in the order in which they were called."""

    title: str
    at: str
    steps: tuple[LadderStep, ...]


@dataclass
class _PersonCall:
    """What became of a page with a person."""

    name: str
    channels: dict[str, bool] = field(default_factory=dict)  # whether the channel lost it
    events: dict[str, PageEvent] = field(default_factory=dict)  # the first of each state

    def __str__(self) -> str:
        ways = [f"{way} (lost)" if lost else way for way, lost in self.channels.items() if way]
        parts = [f"{self.name} by {join_words(ways)}" if ways else self.name]
        if seen := self.events.get("seen"):
            woken = "woken and seen" if seen.why == "woken" else "seen"
            parts.append(f"{woken} {hhmmss(seen.t)}")
        if missed := self.events.get("not taken"):
            why = MISSED.get(missed.why, "not taken")
            parts.append(f"{why} until {hhmmss(missed.t)}")
        if taken := self.events.get("acknowledged"):
            parts.append(f"taken {hhmmss(taken.t)}")
        if len(parts) == 1 and "delivered" not in self.events:
            parts.append("not reached")
        return ", ".join(parts)


@dataclass
class _LevelCall:
    """One call of a level, with its people."""

    t: int
    level: int
    people: dict[str, _PersonCall] = field(default_factory=dict)
    why: str = ""  # why there are none

    def person(self, name: str) -> _PersonCall:
        """A person of the level."""
        return self.people.setdefault(name, _PersonCall(name))

    @property
    def tone(self) -> str:
        """good if somebody of it took the page, bad if it has nobody."""
        if any("acknowledged" in person.events for person in self.people.values()):
            return "good"
        return "" if self.people else "bad"


def page_ladders(timeline: Timeline) -> list[PageLadder]:
    """The ladder of each page, of the first `MAX_LADDERS`."""
    policies = timeline.header.policies
    histories = timeline.page_histories[:MAX_LADDERS]
    return [_ladder(page, policies.get(page.team, ())) for page in histories]


def _ladder(page: PageHistory, stages: Sequence[PolicyStage]) -> PageLadder:
    subject = page_subject(page.first)
    about = f" about {subject}" if subject else ""
    steps = tuple(_steps(page, stages))
    more = len(steps) - MAX_STEPS
    if more > 0:
        calls = format_count(more, "more levels were called")
        steps = (*steps[:MAX_STEPS], LadderStep("", f"and {calls}", ""))
    return PageLadder(f"page {page.page} to {page.team}{about}", hhmmss(page.t), steps)


def _steps(page: PageHistory, stages: Sequence[PolicyStage]) -> Iterator[LadderStep]:
    calls = list(_calls(page))
    for call in calls:
        people = "; ".join(map(str, call.people.values()))
        text = f"{hhmmss(call.t)} {people or call.why or 'nobody is on call'}"
        yield LadderStep(_level_name(call.level, stages), text, call.tone)
    exhausted = page.first_in("exhausted")
    if exhausted is not None:
        yield LadderStep("", f"{hhmmss(exhausted)} nobody took it: the policy is at an end", "bad")
        return
    resolved = page.first_in("resolved")
    if resolved is not None and not any(call.tone == "good" for call in calls):
        yield LadderStep("", f"{hhmmss(resolved)} its alerts were over", "")
    called = {call.level for call in calls}
    for level in range(1, len(stages) + 1):
        if level not in called:
            yield LadderStep(_level_name(level, stages), "not called", "")


def _level_name(level: int, stages: Sequence[PolicyStage]) -> str:
    if not level:
        return "members"
    names = stages[level - 1].page if level <= len(stages) else ()
    return f"level {level}" + (f" ({join_words([*names])})" if names else "")


def _calls(page: PageHistory) -> Iterator[_LevelCall]:
    """The calls of levels, in order, each with all that became of it."""
    calls: list[_LevelCall] = []
    for event in page.events:
        if _begins(event, calls):
            calls.append(_LevelCall(event.t, event.level))
        if calls and event.person:
            _note(event, _call_of(event, calls).person(event.person))
        elif calls and event.state == "lost":
            calls[-1].why = event.why
    return iter(calls)


def _begins(event: PageEvent, calls: Sequence[_LevelCall]) -> bool:
    """Whether a level is called with this event, and not with another of the same moment."""
    called = event.state in ("sent", "escalated") or (event.state == "lost" and not event.person)
    if not called or (calls and not event.level):
        return False  # a further channel names no level
    return not calls or (event.t, event.level) != (calls[-1].t, calls[-1].level)


def _call_of(event: PageEvent, calls: Sequence[_LevelCall]) -> _LevelCall:
    """The last call of a person; the last call for somebody who was never called."""
    if event.state in ("sent", "escalated") and event.level:
        return calls[-1]
    return next((call for call in reversed(calls) if event.person in call.people), calls[-1])


def _note(event: PageEvent, person: _PersonCall) -> None:
    if event.state in ("sent", "escalated"):
        person.channels.setdefault(event.channel, False)
    elif event.state == "lost":
        person.channels[event.channel] = True
    else:
        person.events.setdefault(event.state, event)
