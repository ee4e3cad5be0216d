"""Layers of a schedule that have exactly the shifts of a rotation, if there are any.

Candidates are read off the shifts: turns of one length (that of the first turns, a day, a week),
with the parts of the week that the shifts cover. A candidate is taken only if the compiled layers
have the same person on call at every instant of two full cycles and a year.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.oncall.imports.rotas import DAY, WEEK, LocalShift, Rota, merged
from simulator.oncall.imports.week_covers import Cover, covers_of, minute_of, steady_week
from simulator.oncall.schedules.compile import compile_schedule
from simulator.oncall.schedules.shifts import Shift
from simulator.scenario.local_time import WEEKDAYS
from simulator.scenario.schedule import Schedule, instant_ms
from simulator.units import format_ms

LayerEntry = dict[str, object]
# Ten years of a turn a day: above that overrides are shorter than the proof.
MOST_SHIFTS = 12_000
LONGEST_LIST = 200
MOST_A_WEEK = 42
_MIDNIGHT = timedelta()


class Turns(NamedTuple):
    """Turns of one length, counted from a moment."""

    length: timedelta
    anchor: datetime


def fit_layers(rota: Rota) -> list[LayerEntry] | None:
    """Layers with exactly a rotation's shifts; None if there are none.

    Examples
    --------
    >>> from simulator.oncall.imports.rotas import TurnRota
    >>> monday = datetime(2026, 3, 2, 9)
    >>> fit_layers(TurnRota("", "UTC", ("ana", "ben"), (WEEK,), monday, monday))
    [{'people': ['ana', 'ben'], 'every': '1w', 'hand_off': 'Mon 09:00', 'starts': '2026-03-02'}]
    """
    if rota.cycle is None or rota.cycle > timedelta(days=20_000):
        return None
    horizon = rota.start + 2 * rota.cycle + 53 * WEEK
    shifts = []
    for shift in rota.shifts(horizon):
        shifts.append(shift)
        if len(shifts) > MOST_SHIFTS:
            return None
    # What happens a few times only is no rotation.
    if not shifts or any(moment.second for shift in shifts[:50] for moment in shift[:2]):
        return None
    if shifts[-1].end - shifts[0].start < 3 * WEEK:
        return None
    shifts = [shift for shift in shifts if shift.person is not None]
    end = None if rota.end is None else shifts[-1].end
    best: list[LayerEntry] | None = None
    for layers in _candidates(shifts, end):
        smaller = layers and (best is None or _size(layers) < _size(best))
        if smaller and _same(rota.zone, layers, shifts, horizon):
            best = layers
    return best


def _size(layers: Sequence[LayerEntry]) -> int:
    """How hard layers are to read: by their number, and by lists that repeat people."""
    size = 0
    for layer in layers:
        people = layer["people"]
        assert isinstance(people, list)
        size += 3 + len(people) + 2 * (len(people) - len(set(people)))
    return size


def _same(zone: str, layers: list[LayerEntry], shifts: list[LocalShift], until: datetime) -> bool:
    """Whether the layers have the people of the shifts on call, at every instant."""
    info = ZoneInfo(zone)
    since_ms = instant_ms(shifts[0].start - 2 * WEEK, info)
    until_ms = instant_ms(until - DAY, info)
    spans = [
        Shift(instant_ms(shift.start, info), instant_ms(shift.end, info), shift.person)
        for shift in shifts
    ]
    expected = compile_schedule(
        Schedule(zone=zone, ical="expected"),
        since_ms,
        until_ms,
        [s for s in spans if s.end > s.start],
    )
    schedule = Schedule.model_validate({"zone": zone, "layers": layers})
    return compile_schedule(schedule, since_ms, until_ms) == expected


def _candidates(shifts: list[LocalShift], end: datetime | None) -> Iterator[list[LayerEntry]]:
    """Layers that may be right."""
    covers = covers_of(steady_week(shifts[0].start, merged([(s.start, s.end) for s in shifts])))
    for turns in _possible_turns(shifts):
        if people := _people(shifts, turns):
            yield [_layer(people, turns, cover, shifts[0].start, end) for cover in covers]
    yield _weekly(shifts, end)


def _possible_turns(shifts: list[LocalShift]) -> Iterator[Turns]:
    first = shifts[0].start
    if len({shift.person for shift in shifts}) == 1:
        yield Turns(WEEK, first)
        return
    changes = [first]
    for before, after in pairwise(shifts):
        if after.person != before.person:
            changes.append(after.start)
        if len(changes) == 4:
            break
    seen = set()
    for start, stop in pairwise(changes):
        length = stop - start
        whole = length % DAY == _MIDNIGHT or (length < DAY and DAY % length == _MIDNIGHT)
        # The first turn may have begun before the rota did.
        anchor = start - length * (-((first - start) // length)) if start > first else start
        if whole and (length, anchor) not in seen:
            seen.add((length, anchor))
            yield Turns(length, anchor)
    yield Turns(DAY, first)
    for weeks in (1, 2):
        yield Turns(weeks * WEEK, first)


def _people(shifts: list[LocalShift], turns: Turns) -> list[str] | None:
    """The shortest list of people that gives every turn its person; None if there is none."""
    holders: dict[int, str] = {}
    for shift in shifts:
        first = (shift.start - turns.anchor) // turns.length
        last = -((turns.anchor - shift.end) // turns.length)
        for number in range(first, last):
            if shift.person is None or holders.setdefault(number, shift.person) != shift.person:
                return None
    zero = min(holders)
    for period in range(1, min(LONGEST_LIST, max(holders) - zero) + 1):
        people = _with_period(holders, zero, period)
        if people:
            return people
    return None


def _with_period(holders: dict[int, str], zero: int, period: int) -> list[str] | None:
    people: dict[int, str] = {}
    for number, person in holders.items():
        if people.setdefault((number - zero) % period, person) != person:
            return None
    listed: list[str] = []
    for number in range(period):
        # Turns in which the rota covers nothing: anybody's.
        listed.append(people.get(number) or (listed[-1] if listed else people[min(people)]))
    return listed


def _layer(
    people: Sequence[str], turns: Turns, cover: Cover, first: datetime, end: datetime | None
) -> LayerEntry:
    """A layer as it stands in a file; its people from that of the first turn on."""
    layer: LayerEntry = {"people": list(people)}
    minute = minute_of(turns.anchor)
    weekly = turns.length % WEEK == _MIDNIGHT
    single = len(people) == 1
    if not single:
        layer["every"] = _words(turns.length)
    clock = f"{minute // 60:02}:{minute % 60:02}"
    if weekly and not single:
        layer["hand_off"] = f"{WEEKDAYS[turns.anchor.weekday()]} {clock}"
    elif minute or not single:
        layer["hand_off"] = clock
    layer["starts"] = _day_of(first, minute, up=False).isoformat()
    if end is not None:
        layer["until"] = _day_of(end, minute, up=True).isoformat()
    if cover.between is not None:
        begin, stop = cover.between
        layer["between"] = f"{begin // 60:02}:{begin % 60:02}-{stop // 60:02}:{stop % 60:02}"
    if len(cover.weekdays) < 7:
        layer["days"] = [WEEKDAYS[day] for day in cover.weekdays]
    return layer


def _weekly(shifts: list[LocalShift], end: datetime | None) -> list[LayerEntry]:
    """A layer for each shift of a week, with the people who have it week by week."""
    week = steady_week(shifts[0].start, [(shift.start, shift.end) for shift in shifts])
    if len(week) > MOST_A_WEEK:
        return []
    alike: dict[tuple[timedelta, timedelta], list[LocalShift]] = defaultdict(list)
    for shift in shifts:
        alike[(shift.start - shifts[0].start) % WEEK, shift.end - shift.start].append(shift)
    layers = []
    for start, stop in week:
        same = alike[(start - shifts[0].start) % WEEK, stop - start]
        turns = Turns(WEEK, same[0].start)
        if people := _people(same, turns):
            covers = covers_of([(start, stop)])
            layers += [_layer(people, turns, cover, same[0].start, end) for cover in covers]
    return layers


def _words(length: timedelta) -> str:
    for unit, letter in ((WEEK, "w"), (DAY, "d")):
        if length % unit == _MIDNIGHT:
            return f"{length // unit}{letter}"
    return format_ms(int(length.total_seconds()) * 1000)


def _day_of(moment: datetime, minute: int, up: bool) -> date:
    """The day whose minute is the last one before a moment, or the first one after it."""
    early = minute_of(moment) < minute
    late = minute_of(moment) > minute
    shift = DAY if up and late else -DAY if not up and early else _MIDNIGHT
    return (moment + shift).date()
