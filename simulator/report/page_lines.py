"""The pages of a run as lines of a table: whom each reached, who took it, what it left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.page_history import PageHistory
from simulator.report.phrases import page_subject
from simulator.report.stated_facts import FACTS
from simulator.run.events import PageEvent
from simulator.units.wording import format_count, format_duration, hhmmss, join_words

COLUMNS = ("to", "about", "sent", "whom it reached", "taken by", "not stated")
# A policy may go to its levels again and again, and a flood of alerts has many pages.
MAX_LEVELS = 6
MAX_PAGES = 50
MISSED = {"asleep": "slept through it", "busy": "was busy"}


class PageLine(NamedTuple):
    """A page; `tone` is good where somebody took it, bad where nobody did, or nothing."""

    to: str
    about: str
    sent: str
    reached: str
    taken: str
    not_stated: str
    tone: str


@dataclass
class _LevelCall:
    """One call of a level: what became of the page with each of its people."""

    t: int
    level: int
    people: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        level = f"level {self.level}: " if self.level else ""
        people = [f"{person} {outcome}".strip() for person, outcome in self.people.items()]
        return level + (join_words(people) or "nobody is on call")


def page_lines(timeline: Timeline) -> list[PageLine]:
    """A line for each page, of the first `MAX_PAGES`."""
    return [_line(page) for page in timeline.page_histories[:MAX_PAGES]]


def page_sentences(timeline: Timeline) -> Iterator[str]:
    """That nobody was paged, or how many pages have no line."""
    pages = len(timeline.page_histories)
    if not pages:
        yield "Nobody was paged."
    elif pages > MAX_PAGES:
        yield f"These are the first {MAX_PAGES} of {pages} pages."


def _line(page: PageHistory) -> PageLine:
    taken, tone = _taken(page)
    subject, sent = page_subject(page.first) or "–", f"T+{hhmmss(page.t)}"
    return PageLine(page.team, subject, sent, _reached(page), taken, _not_stated(page.first), tone)


def _taken(page: PageHistory) -> tuple[str, str]:
    """Who took a page and when, and its tone."""
    for event in page.events:
        after = format_duration(event.t - page.t)
        if event.state == "acknowledged":
            other = f" of {event.team}" if event.team else ""
            return f"{event.person or event.by}{other} after {after}", "good"
        if event.state == "resolved":
            return f"nobody; its alerts were over after {after}", ""
    return "nobody", "bad"


def _not_stated(page: PageEvent) -> str:
    """The facts of a hand-off that the page of a person does not state."""
    if page.via != "person":
        return "–"
    stated = {name for name, value in page.facts.items() if value not in (None, "", [], ())}
    stated |= {"suspect"} if page.about else set()
    missing = [name for name in FACTS if name not in stated and name != "next_update"]
    return ", ".join(missing) or "nothing"


def _reached(page: PageHistory) -> str:
    """The levels that a page came to, each with its people."""
    calls = _level_calls(page)
    more = len(calls) - MAX_LEVELS
    rest = [f"and {format_count(more, 'more calls')}"] if more > 0 else []
    return "; ".join([*map(str, calls[:MAX_LEVELS]), *rest])


def _level_calls(page: PageHistory) -> list[_LevelCall]:
    calls: list[_LevelCall] = []
    for event in page.events:
        if _begins_call(event, calls):
            calls.append(_LevelCall(event.t, event.level))
        if event.person and calls:
            people = next((c.people for c in calls[::-1] if event.person in c.people), None)
            if people is None or calls[-1].t == event.t:
                people = calls[-1].people
            people[event.person] = _outcome(event, people.get(event.person, "not reached"))
    return calls


def _begins_call(event: PageEvent, calls: list[_LevelCall]) -> bool:
    """Whether a level is called with this event, and not with another of the same moment."""
    if event.state == "lost" and not event.person:
        return True
    called = event.state == "escalated" or (event.state == "sent" and (event.level or not calls))
    return bool(called) and (not calls or (event.t, event.level) != (calls[-1].t, calls[-1].level))


def _outcome(event: PageEvent, former: str) -> str:
    """What became of a page with a person."""
    if event.state == "delivered" and former == "not reached":
        return ""
    if event.state == "seen":
        return "was woken" if event.why == "woken" else ""
    if event.state == "not taken":
        return MISSED.get(event.why, former)
    return "" if event.state == "acknowledged" and former == "not reached" else former
