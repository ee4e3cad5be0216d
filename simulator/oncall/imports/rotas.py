"""Rotations as other tools have them: whose turn it is by the local clock, turn after turn.

`TurnRota` counts turns of given lengths from an anchor (PagerDuty's layers, incident.io);
`RuleRota` counts the occurrences of a recurrence rule (PagerDuty's schedulev2, Grafana OnCall).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import lcm
from typing import NamedTuple, Protocol, TypeVar

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# Hourly turns for ten years; more is not worth the wait.
MOST_TURNS = 100_000


class LocalShift(NamedTuple):
    """A shift by the local clock of its zone; without a person it is a slot with nobody in it."""

    start: datetime
    end: datetime
    person: str | None


class WeekWindow(NamedTuple):
    """A part of every week: its start since Monday 00:00, and its length."""

    start: timedelta
    length: timedelta


class Rota(Protocol):
    """A rotation that can list its shifts."""

    @property
    def name(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def cycle(self) -> timedelta | None: ...
    @property
    def people(self) -> tuple[str | None, ...]: ...
    def shifts(self, until: datetime, since: datetime | None = None) -> Iterator[LocalShift]: ...


@dataclass(frozen=True)
class TurnRota:
    """Turns of given lengths, one after the other, in a part of the week.

    Examples
    --------
    >>> monday = datetime(2026, 3, 2, 9)
    >>> rota = TurnRota("", "UTC", ("ana", "ben"), (DAY,), monday, monday)
    >>> [shift.person for shift in rota.shifts(monday + 3 * DAY)]
    ['ana', 'ben', 'ana']
    """

    name: str
    zone: str
    people: tuple[str | None, ...]
    lengths: tuple[timedelta, ...]
    anchor: datetime
    """The start of the first person's turn, before or after the start of the rota."""
    start: datetime
    end: datetime | None = None
    windows: tuple[WeekWindow, ...] = ()
    skips_idle: bool = False
    """Whether turns outside all windows are nobody's, so that the next person does not lose one."""

    @property
    def cycle(self) -> timedelta | None:
        """The time after which it repeats itself."""
        total = sum(self.lengths, timedelta())
        turns = total * len(self.people)
        if not self.windows:
            return turns
        seconds = lcm(int(turns.total_seconds()), int(WEEK.total_seconds()))
        # With turns left out, people and weeks meet again after a round of people at the latest.
        return timedelta(seconds=seconds * (len(self.people) if self.skips_idle else 1))

    def aligned(self) -> "TurnRota":
        """The same from the turn on in which it starts, until the end of the turn in which it ends.

        The start is then a hand-off, as is that of a layer.
        """
        end = self.end and self._boundary(self.end, up=True)
        return replace(self, start=self._boundary(self.start, up=False), end=end)

    def _boundary(self, moment: datetime, up: bool) -> datetime:
        unit = sum(self.lengths, timedelta())
        # A layer starts on a day at the time of its hand-off; one of weeks on any day.
        if unit == WEEK or unit < DAY:
            unit = DAY
        number = (moment - self.anchor) // unit
        floor = self.anchor + number * unit
        return floor + unit if up and floor < moment else floor

    def shifts(self, until: datetime, since: datetime | None = None) -> Iterator[LocalShift]:
        """Its shifts in order, from its start, or a later moment, on."""
        first = self.start if since is None else max(since, self.start)
        last = until if self.end is None else min(until, self.end)
        for number, start, end in self._turns(first, last):
            person = self.people[number % len(self.people)]
            for begin, stop in self._parts(start, end):
                if max(begin, first) < min(stop, last):
                    yield LocalShift(max(begin, first), min(stop, last), person)

    def _turns(self, first: datetime, last: datetime) -> Iterator[tuple[int, datetime, datetime]]:
        """Number, start and end of the turns that overlap a span."""
        total = sum(self.lengths, timedelta())
        rounds = (first - self.anchor) // total
        if self.skips_idle:
            rounds = 0
        start, number = self.anchor + rounds * total, rounds * len(self.lengths)
        for turn in range(MOST_TURNS):
            if start >= last:
                return
            end = start + self.lengths[turn % len(self.lengths)]
            idle = self.skips_idle and not any(self._parts(start, end))
            if end > first and not idle:
                yield number, start, end
            start, number = end, number + (not idle)

    def _parts(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The parts of a turn that lie in its windows, in order."""
        if not self.windows:
            yield start, end
            return
        monday = start.replace(hour=0, minute=0, second=0) - start.weekday() * DAY - WEEK
        parts: list[tuple[datetime, datetime]] = []
        while monday < end:
            parts += [(monday + at, monday + at + length) for at, length in self.windows]
            monday += WEEK
        for begin, stop in merged(parts):
            if max(begin, start) < min(stop, end):
                yield max(begin, start), min(stop, end)


Moment = TypeVar("Moment", datetime, int)


def merged(spans: Sequence[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    """Time spans in order, those that touch or overlap as one."""
    joined: list[tuple[Moment, Moment]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@dataclass(frozen=True)
class RuleRota:
    """The occurrences of a recurrence rule, each one person's.

    Examples
    --------
    >>> start = datetime(2026, 3, 2, 9)
    >>> days = [start + number * DAY for number in range(9)]
    >>> rota = RuleRota("", "UTC", ("ana", "ben"), days, DAY, lambda start, number: number // 2,
    ...                 start)
    >>> [shift.person for shift in rota.shifts(start + 4 * DAY)]
    ['ana', 'ana', 'ben', 'ben']
    """

    name: str
    zone: str
    people: tuple[str | None, ...]
    starts: Iterable[datetime]
    """The starts of the rule, as often as they are asked for."""
    length: timedelta
    turn: Callable[[datetime, int], int]
    """The number of a turn, from the start of an occurrence and its number."""
    start: datetime
    """Occurrences before it do not happen, and do not count."""
    end: datetime | None = None
    """Occurrences after it do not happen."""
    cycle: timedelta | None = None
    """The time after which it repeats itself; unknown for rules by month."""
    dropped: frozenset[datetime] = frozenset()
    added: tuple[datetime, ...] = ()

    def shifts(self, until: datetime, since: datetime | None = None) -> Iterator[LocalShift]:
        """Its shifts in order, from its start, or those that end after a later moment."""
        for number, start in enumerate(self._starts(until)):
            if since is None or start + self.length > since:
                person = self.people[self.turn(start, number) % len(self.people)]
                yield LocalShift(start, start + self.length, person)

    def _starts(self, until: datetime) -> Iterator[datetime]:
        added = sorted(moment for moment in self.added if moment not in self.dropped)
        last = until if self.end is None else min(until, self.end + timedelta(microseconds=1))
        for count, start in enumerate(self.starts):
            if start >= last or count >= MOST_TURNS:
                break
            while added and added[0] < start:
                yield added.pop(0)
            if start >= self.start and start not in self.dropped and start not in added:
                yield start
        yield from (moment for moment in added if moment < until)
