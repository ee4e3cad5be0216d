"""A layer of a schedule over a horizon: whose turn it is, and the parts of the week that it covers.

Of turns that begin within a gap of the clock, the last one holds.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from simulator.oncall.schedules.zone_offsets import ZoneOffsets
from simulator.pipeline.arrays import Ints
from simulator.scenario.local_time import WEEKDAYS
from simulator.scenario.schedule import FIRST_MONDAY, WEEK_MS, Layer
from simulator.units import DAY_MS

MINUTE_MS = 60_000
_EPOCH = date(1970, 1, 1)


class CompiledLayer:
    """A layer's shifts and the parts of the week that it covers, over a horizon.

    Its first shift begins on the day `starts` at the time of its hand-off, and is shorter if that
    is not the weekday of its hand-off. It has nobody from the day `until` on, at the same time.
    """

    def __init__(
        self,
        layer: Layer,
        holidays: tuple[date, ...],
        offsets: ZoneOffsets,
        since: int,
        until: int,
    ) -> None:
        self.people = layer.people
        # A day more on both sides: the clock of a zone is up to 14 hours from UTC.
        local_since, local_until = since - 2 * DAY_MS, until + 2 * DAY_MS
        anchor = local_anchor(layer)
        first = (local_since - anchor) // layer.every
        turns = np.arange(first, (local_until - anchor) // layer.every + 1)
        starts = offsets.instants(anchor + turns * layer.every)
        # Of turns that begin in a gap, after one with a later number, none is left.
        self._starts = np.minimum.accumulate(starts[::-1])[::-1]
        self._first = int(first)
        self._bounds = tuple(_bounds(layer, offsets, since, until))
        self._windows = None
        if layer.between is not None or layer.days:
            self._windows = _windows(layer, holidays, offsets, local_since, local_until)

    def edges(self) -> Ints:
        """Every instant at which it may hand over, begin or end, unsorted."""
        windows = () if self._windows is None else self._windows
        return np.concatenate((self._starts, np.array(self._bounds), *windows))

    def take(self, points: Ints, holders: Ints, numbers: Mapping[str, int]) -> None:
        """Put its people's numbers where it has somebody from a point on.

        Parameters
        ----------
        points : ints, ms since 1970
            Ascending; every edge within the horizon is among them.
        holders : ints, as long as points
            The numbers of the people on call, changed in place.
        """
        turns = self._first + np.searchsorted(self._starts, points, side="right") - 1
        names = np.array([numbers[name] for name in self.people])
        begin, end = self._bounds
        covered = (begin <= points) & (points < end)
        if self._windows is not None:
            starts, ends = self._windows
            opened = np.searchsorted(starts, points, side="right")
            covered &= opened > np.searchsorted(ends, points, side="right")
        holders[covered] = names[turns % len(self.people)][covered]


def local_anchor(layer: Layer) -> int:
    """The local time from which shifts are counted: the first person's regular hand-off."""
    weekday, minute = (None, 0) if layer.hand_off is None else layer.hand_off
    weekly = layer.every % WEEK_MS == 0
    if weekly and weekday is None and (layer.hand_off is None or layer.starts is None):
        weekday = 0
    start = layer.starts or FIRST_MONDAY
    day = _number(start)
    if weekday is not None:
        late = (start.weekday() - weekday) % 7
        # Without a start the first hand-off is after that Monday, else not after the start.
        day += -late if layer.starts is not None else (7 - late) % 7
    return day * DAY_MS + minute * MINUTE_MS


def _bounds(layer: Layer, offsets: ZoneOffsets, since: int, until: int) -> Iterator[int]:
    """The instants at which the layer begins and ends, at most the horizon's."""
    minute = 0 if layer.hand_off is None else layer.hand_off.minute
    for day, default in ((layer.starts, since), (layer.until, until)):
        if day is None:
            yield default
        else:
            local = _number(day) * DAY_MS + minute * MINUTE_MS
            # Offsets are those of the horizon.
            near = min(max(local, since - 2 * DAY_MS), until + 2 * DAY_MS)
            yield int(offsets.instants(np.array([near]))[0])


def _windows(
    layer: Layer, holidays: tuple[date, ...], offsets: ZoneOffsets, since: int, until: int
) -> tuple[Ints, Ints]:
    """The starts and the ends of the spans in which the layer is on, both ascending.

    Spans may touch and, beside a gap, overlap: an instant is covered if more have begun than ended.
    """
    days = np.arange(since // DAY_MS - 1, until // DAY_MS + 1)
    if layer.days:
        weekdays = (days + 3) % 7  # 1970 began on a Thursday; Monday is 0
        weekdays[np.isin(days, [_number(day) for day in holidays])] = WEEKDAYS.index("Sun")
        days = days[np.isin(weekdays, [WEEKDAYS.index(name) for name in layer.days])]
    start, end = (0, 24 * 60) if layer.between is None else layer.between
    starts = offsets.instants(days * DAY_MS + start * MINUTE_MS)
    ends = offsets.instants((days + (end <= start)) * DAY_MS + end * MINUTE_MS)
    # A span within a gap is empty.
    starts, ends = starts[starts < ends], ends[starts < ends]
    return np.sort(starts), np.sort(ends)


def _number(day: date) -> int:
    """The days since 1970."""
    return (day - _EPOCH).days
