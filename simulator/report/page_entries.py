"""Pages as entries of a story: whom each reached, who slept, who took it."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from simulator.analysis import Timeline
from simulator.analysis.page_history import PageHistory
from simulator.report.entry import StoryEntry
from simulator.report.phrases import page_subject
from simulator.run.events import PageEvent
from simulator.units.wording import format_duration, join_words

# A page that is seen within this time of its delivery needs no entry for it.
NOTICE_MS = 60_000


class _PageTeller:
    """Tells one page's events, in order."""

    def __init__(self, page: PageHistory, players: frozenset[str]) -> None:
        self._first, self._players = page.first, players
        # A level pages all of its people at the same moment, which is one entry.
        self._together: defaultdict[int, list[str]] = defaultdict(list)
        for event in page.events:
            if event.state == "escalated":
                self._together[event.t].append(event.person)
        self._delivered: dict[str, int] = {}  # when it first reached each person
        self._missing: list[str] = []  # who has not taken it in time
        self._tell: dict[str, Callable[[PageEvent], Iterator[StoryEntry]]] = {
            "lost": self._lost,
            "delivered": self._deliver,
            "seen": self._see,
            "not taken": self._miss,
            "escalated": self._escalate,
            "acknowledged": self._take,
            "resolved": self._resolve,
            "exhausted": self._exhaust,
        }

    def entries(self, event: PageEvent) -> Iterator[StoryEntry]:
        """The entries of an event; its sending by a channel has none of its own."""
        tell = self._tell.get(event.state)
        if tell is not None:
            yield from tell(event)

    def _entry(self, event: PageEvent, text: str, tone: str = "page", rank: int = 1) -> StoryEntry:
        return StoryEntry(event.t, event.who, text, tone, rank)

    def _lost(self, event: PageEvent) -> Iterator[StoryEntry]:
        if not event.person:
            subject = f"level {event.level}" if event.level else "the page"
            yield self._entry(event, f"{subject} reaches nobody: {event.why}", "bad")
        elif not event.channel:
            yield self._entry(event, f"the page does not reach {event.person}", "bad")
        else:
            text = f"the {event.channel} to {event.person} is lost"
            yield self._entry(event, text, "bad", 2)

    def _deliver(self, event: PageEvent) -> Iterator[StoryEntry]:
        if event.person in self._delivered:
            return  # by a further channel
        # That it escalated has an entry.
        rank = 3 if self._delivered else 1
        self._delivered[event.person] = event.t
        subject = page_subject(self._first)
        about = f" about {subject}" if subject else ""
        late = event.t - self._first.t
        after = f" after {format_duration(late)}" if late > 0 else ""
        text = f"the page{about} reaches {event.person or 'nobody'}{after}"
        yield self._entry(event, text, rank=rank)

    def _see(self, event: PageEvent) -> Iterator[StoryEntry]:
        late = event.t - self._delivered.get(event.person, event.t)
        after = f" after {format_duration(late)}" if late > 0 else ""
        if event.why == "woken":
            yield self._entry(event, f"{event.person} is woken and sees the page{after}", rank=2)
        elif late > NOTICE_MS:
            yield self._entry(event, f"{event.person} sees the page{after}", rank=2)

    def _miss(self, event: PageEvent) -> Iterator[StoryEntry]:
        why = {"asleep": "sleeps through it", "busy": "is busy"}.get(event.why)
        self._missing.append(f"{event.person} {why}" if why else "")
        return iter(())

    def _escalate(self, event: PageEvent) -> Iterator[StoryEntry]:
        people = self._together.pop(event.t, [])
        if not people:
            return  # with the first of them
        missing = ", ".join(filter(None, self._missing)) or "no acknowledgement"
        self._missing = []
        to = join_words(people) + (f" (level {event.level})" if event.level else "")
        yield self._entry(event, f"{missing}: the page escalates to {to}")

    def _take(self, event: PageEvent) -> Iterator[StoryEntry]:
        # The order of a player has an entry.
        if event.by not in self._players:
            yield self._entry(event, f"{event.person} acknowledges")

    def _resolve(self, event: PageEvent) -> Iterator[StoryEntry]:
        yield self._entry(event, "the page is resolved: its alerts are over", rank=4)

    def _exhaust(self, event: PageEvent) -> Iterator[StoryEntry]:
        missing = ", ".join(filter(None, self._missing))
        by = f" ({missing})" if missing else ""
        yield self._entry(event, f"nobody takes the page: its policy is at an end{by}", "bad")


def pages(timeline: Timeline) -> Iterator[StoryEntry]:
    """The entries of all pages."""
    players = frozenset(player.name for player in timeline.header.players)
    for page in timeline.page_histories:
        teller = _PageTeller(page, players)
        for event in page.events:
            yield from teller.entries(event)
