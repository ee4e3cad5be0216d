"""Local times of a zone as instants, in bulk: what `instant_ms` does for single moments."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from simulator.pipeline.arrays import Ints
from simulator.units import DAY_MS

# Clocks change by a day at most (Samoa, 2011), and hand-offs lie up to a week beside a horizon.
_MARGIN_MS = 16 * DAY_MS


class ClockChange(NamedTuple):
    """An instant at which the clocks of a zone change, ms; the offsets from UTC beside it."""

    at: int
    before: int
    after: int


class ZoneOffsets:
    """The offsets of a zone from UTC over a time span.

    A local time is a number, too: the ms from 1970-01-01T00:00 by the local clock.

    Parameters
    ----------
    transitions : sequence of int, ms since 1970
        The instants at which the offset changes.
    offsets : sequence of int, ms
        The offset before the first transition, and the one after each.

    Attributes
    ----------
    changes : list of ClockChange
        The transitions.

    Examples
    --------
    >>> offsets = zone_offsets("Europe/Berlin", 1774569600000, 1775174400000)
    >>> sunday = 1774742400000  # 2026-03-29; clocks go from 02:00 to 03:00
    >>> instants = offsets.instants(sunday + 60_000 * np.array([90, 150, 180]))
    >>> [str(datetime.fromtimestamp(at / 1000, UTC).time()) for at in instants.tolist()]
    ['00:30:00', '01:30:00', '01:00:00']
    """

    def __init__(self, transitions: list[int], offsets: list[int]) -> None:
        self.offsets = np.array(offsets)
        pairs = zip(transitions, pairwise(offsets), strict=True)
        self.changes = [ClockChange(at, *pair) for at, pair in pairs]
        # By the clock, the new offset holds from the time that the clock jumps to; where it goes
        # back, from the time at which it does, so that the first of two equal times is meant.
        self._switches = np.array(
            [change.at + max(change[1:]) for change in self.changes], dtype=np.int64
        )

    def instants(self, local: Ints) -> Ints:
        """Local times in ms since 1970, as RFC 5545 reads them (see `instant_ms`)."""
        offsets: Ints = self.offsets[np.searchsorted(self._switches, local, side="right")]
        return local - offsets


@lru_cache(maxsize=256)
def zone_offsets(zone: str, since: int, until: int) -> ZoneOffsets:
    """The offsets of a zone from two weeks before a time span to two weeks after it.

    Parameters
    ----------
    since, until : int, ms since 1970
    """
    info = ZoneInfo(zone)

    def offset(at: int) -> int:
        moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(info)
        difference = moment.utcoffset()
        assert difference is not None
        return round(difference.total_seconds()) * 1000

    transitions: list[int] = []
    start = (since - _MARGIN_MS) // 1000 * 1000
    offsets = [offset(start)]
    # No zone changes its clock twice in a day.
    for day in range(start, until + _MARGIN_MS, DAY_MS):
        if (after := offset(day + DAY_MS)) != offsets[-1]:
            transitions.append(_transition(offset, day, after))
            offsets.append(after)
    return ZoneOffsets(transitions, offsets)


def _transition(offset: Callable[[int], int], day: int, after: int) -> int:
    """The first second of a day at which the offset has its value after the change."""
    seconds = range(DAY_MS // 1000)
    second = bisect_left(seconds, True, key=lambda second: offset(day + 1000 * second) == after)
    return day + 1000 * second
