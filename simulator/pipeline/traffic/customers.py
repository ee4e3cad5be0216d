"""Customers: everybody who might ask, of whom a rate decides who does.

They are points of a Poisson process in the plane of time and height, and one asks if it lies under
the curve of today's rate. A curve that is raised or lowered therefore changes nothing before that
moment and keeps every customer that both curves have in common, and a slice of time holds the same
points whatever the tick. The base and every surge are planes of their own, drawn in blocks of ten
minutes and layers of height: 0-1, 1-2, 2-4, ... 64-128 per second, and above that each 128 high, so
that of high rates hardly more is drawn than lies below them.

A request carries its draws from birth: how much work it is, how long its feature read
takes, which row it asks about. Twins see the same customers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.requests import AT, ATTEMPT, COLUMNS, DEPEND, ID, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.traffic.distributions import Distribution
from simulator.streams import BLOCK_MS, Streams, block_of, crc

_HEIGHT = UNTIL  # per second, of a point of a plane: nobody's patience is known yet


# How an ID is laid out: 9 bits of plane, 17 of block (two years), 5 of octave, 22 of
# number (a block of the octave 4,096-8,192 per second holds 2.5 million), which the layers
# of an octave share.
_PLANES = 1 << 9
_BLOCKS = 1 << 17
_OCTAVES = 1 << 5
_NUMBERS = 1 << 22
_HIGHEST = 14  # octaves up to 8,192 requests per second
MOST = 2 ** (_HIGHEST - 1)  # requests per second that one plane can hold
_LAYER = 128.0  # per second, the height of a layer at most


@dataclass(frozen=True)
class _Drawn:
    """The points of one block of a plane below some height, as they were drawn.

    The rows lie in memory that the plane's next draw writes over, so that nobody may keep them.
    """

    block: int
    work: Distribution
    ceiling: float  # the height
    rows: Floats  # shape (points, COLUMNS)
    order: Ints  # which row is the first in time, the second, ...
    at: Floats  # ms, in the order of time

    def between(self, start: int, stop: int) -> Floats:
        """A copy of those with `start <= AT < stop`, by time."""
        return self.rows.take(self.order[slice(*self.at.searchsorted((start, stop)))], axis=0)


class Customers:
    """The planes of one seed, with the block of each that was looked at last.

    A cache and no fact: what it gives depends on the streams alone, so that a world can be
    copied without it and twins may share it.

    Examples
    --------
    >>> from simulator.pipeline.traffic.distributions import Lognormal
    >>> customers = Customers(Streams(7))
    >>> calm = customers.points("base", 0, 60_000, Lognormal(0.6), 2.0)
    >>> busy = customers.points("base", 0, 60_000, Lognormal(0.6), 3.0)
    >>> len(calm) < len(busy), set(calm[:, ID]) <= set(busy[:, ID])
    (True, True)
    """

    def __init__(self, streams: Streams) -> None:
        self.seed = streams.seed
        self._streams = streams
        self._planes: dict[str, int] = {"base": 0}
        self._drawn: dict[str, _Drawn] = {}
        self._rooms: dict[tuple[str, str], Floats] = {}

    def points(self, plane: str, start: int, stop: int, work: Distribution, rate: float) -> Floats:
        """Requests of a plane with `start <= AT < stop` under a constant rate per second.

        Nobody's patience is known yet: `UNTIL` is no time before `traffic.arrive` puts one there.
        """
        if not 0 <= rate <= MOST:
            raise ValueError(f"rate must be 0 to {MOST} per second, got {rate}")
        parts = []
        while rate > 0 and start < stop:
            block = block_of(start)
            end = min(stop, (block + 1) * BLOCK_MS)
            drawn = self._block(plane, block, work, rate)
            rows = drawn.between(start, end)
            if rate < drawn.ceiling:
                rows = rows.compress(rows[:, _HEIGHT] < rate, axis=0)
            parts.append(rows)
            start = end
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty((0, COLUMNS))

    def _block(self, plane: str, block: int, work: Distribution, rate: float) -> _Drawn:
        """The points of a block, at least those below the rate."""
        drawn = self._drawn.get(plane)
        if drawn and drawn.block == block and drawn.work == work and drawn.ceiling >= rate:
            return drawn
        ceiling = rate
        if drawn and drawn.block == block:
            # Most rates stand still; one that rises must not draw the block at every tick.
            ceiling = max(rate, min(2.0 * drawn.ceiling, MOST))
        self._drawn.pop(plane, None)  # whose memory is written over: it must not be found then
        made = self._drawn[plane] = self._below(ceiling, plane, block, work)
        return made

    def _below(self, ceiling: float, plane: str, block: int, work: Distribution) -> _Drawn:
        """Draw the points of a block that are below a height."""
        layers = _layers(ceiling)
        dice = [self._streams.block(f"traffic/{plane}/{i}", block) for i in range(len(layers))]
        counts = [
            int(one.poisson((high - low) * BLOCK_MS / 1000))
            for one, (low, high) in zip(dice, layers, strict=True)
        ]
        total, end = sum(counts), 0
        rows = self._room(plane, "rows", total * COLUMNS).reshape(total, COLUMNS)
        at = self._room(plane, "at", total)
        paper = self._room(plane, "points", COLUMNS * max(counts))
        for one, n, (low, high) in zip(dice, counts, layers, strict=True):
            points = paper[: COLUMNS * n].reshape(COLUMNS, n)
            one.random(out=points[_HEIGHT])
            points[_HEIGHT] *= high - low
            points[_HEIGHT] += low
            one.random(out=points[AT])
            _draw(one, work, points)
            first = self._number_of(plane, block, low)
            points[ID] = np.arange(first, first + n)
            if high > ceiling:
                points = points.take(np.flatnonzero(points[_HEIGHT] < ceiling), axis=1)
            begin, end = end, end + points.shape[1]
            at[begin:end] = points[AT]
            points[AT] += block
            points[AT] *= BLOCK_MS
            rows[begin:end] = _first_attempts(points)
        order = _in_order(at[:end])
        times = (at.take(order) + block) * BLOCK_MS
        return _Drawn(block, work, ceiling, rows[:end], order, times)

    def _room(self, plane: str, what: str, size: int) -> Floats:
        """Memory for what is drawn next, with anything in it; what was there is lost.

        The same as before, as new pages are as dear as the draws; unless that is by far too large.
        """
        room = self._rooms.get((plane, what))
        if room is None or not size <= len(room) <= 4 * size:
            room = self._rooms[plane, what] = np.empty(size)
        return room[:size]

    def replay(
        self, times: Floats, span: tuple[int, int], slice_: tuple[int, int], work: Distribution
    ) -> Floats:
        """Requests of a recording in a slice of time; they carry draws of their own.

        Parameters
        ----------
        times : ndarray, sorted, ms from the begin of the recording
        span : of int, ms
            When the recording begins and ends.
        slice_ : of int, ms
            From, until; inside the span.
        work : Distribution
        """
        parts = [np.empty((0, COLUMNS))]
        start, stop = slice_
        while start < stop:
            block = block_of(start)
            end = min(stop, (block + 1) * BLOCK_MS)
            drawn = self._drawn.get("trace")
            if drawn is None or drawn.block != block or drawn.work != work:
                first, last = (times + span[0]).searchsorted(
                    (block * BLOCK_MS, (block + 1) * BLOCK_MS)
                )
                drawn = self._recorded(times[first:last] + span[0], block, work)
            parts.append(drawn.between(start, end))
            start = end
        return np.concatenate(parts)

    def _recorded(self, at: Floats, block: int, work: Distribution) -> _Drawn:
        dice = self._streams.block("traffic/trace", block)
        number = self._number_of("trace", block, 0.0)
        points = np.empty((COLUMNS, len(at)))
        points[AT], points[ID] = at, np.arange(number, number + len(at))
        _draw(dice, work, points)
        rows = _first_attempts(points).copy()
        made = self._drawn["trace"] = _Drawn(block, work, 0.0, rows, np.arange(len(at)), at)
        return made

    def _number_of(self, plane: str, block: int, low: float) -> int:
        """The ID of the first in the layer that begins at such a height."""
        # The octave 256-512 is number 9; its layer at 384 begins with the second half of those
        # numbers. That at 0 is an octave of its own, as is that at 1.
        mantissa, octave = math.frexp(low)
        above = int(max(0.0, 2.0 * mantissa - 1.0) * _NUMBERS)
        number = (self._number(plane) * _BLOCKS + block % _BLOCKS) * _OCTAVES + octave
        return number * _NUMBERS + above

    def _number(self, plane: str) -> int:
        """A plane's number: of its name, so that it is the same where other planes are not."""
        if plane not in self._planes:
            number = crc(plane) % _PLANES
            while number in self._planes.values():
                number = (number + 1) % _PLANES
            self._planes[plane] = number
        return self._planes[plane]


def _layers(rate: float) -> list[tuple[float, float]]:
    """From where to where each goes, up to a rate: as high as all below it, or `_LAYER`.

    Examples
    --------
    >>> _layers(3.0), len(_layers(256.0)), _layers(300.0)[-1]
    ([(0.0, 1.0), (1.0, 2.0), (2.0, 4.0)], 9, (256.0, 384.0))
    """
    edges = [0.0, 1.0]
    while edges[-1] < rate:
        edges.append(edges[-1] + min(edges[-1], _LAYER))
    return list(pairwise(edges))


def _draw(dice: np.random.Generator, work: Distribution, points: Floats) -> None:
    """Put into the columns of points what requests carry from birth."""
    normal = points[SINCE]
    dice.standard_normal(out=normal)
    dice.standard_exponential(out=points[DEPEND])
    dice.random(out=points[ROW])
    points[WORK] = work.draw(normal, dice)


def _first_attempts(points: Floats) -> Floats:
    """Requests, a row each, of the columns of points, shape (COLUMNS, points)."""
    points[SINCE] = points[AT]
    points[ATTEMPT] = 1
    return points.T


def _in_order(at: Floats) -> Ints:
    """The order of uniforms, as a stable `argsort` gives it; of many, in a fifth of the time.

    Numbers are sorted faster than what they stand for: whole ones whose high digits are the
    uniform's, as many as there is room for, and whose low ones say which it is. Where the digits
    do not tell two apart, as of few they do, the next step does, to which nearly sorted is sorted.
    """
    bits = len(at).bit_length()
    keys = (at * 2.0 ** (63 - bits)).astype(np.int64)
    keys <<= bits
    keys |= np.arange(len(at))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys.take(np.argsort(at.take(keys), kind="stable"))
