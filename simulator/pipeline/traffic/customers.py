"""Customers: a Poisson process in time and height, thinned by the rate of requests.

A point of the plane is a request if it lies under the curve of the rate. Raising or lowering the
curve therefore changes nothing before that moment and keeps every request that both curves have in
common, and a slice of time holds the same points whatever the tick. The base traffic and every
surge have planes of their own, drawn in blocks of ten minutes and layers of height: 0-1, 1-2, 2-4,
... 64-128 per second, and above that 128 each, so that little more is drawn than lies below a rate.

A request carries its draws from birth: its work, the length of its feature read, its row. Twins
see the same customers.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.requests import AT, ATTEMPT, COLUMNS, DEPEND, ID, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.traffic.distributions import Distribution
from simulator.streams import BLOCK_MS, Streams, block_of, crc

_HEIGHT = UNTIL  # per second, of a point of a plane: `UNTIL` is set later


# Layout of an ID: 9 bits of plane, 17 of block (two years), 5 of octave, 22 of
# number (a block of the octave 4,096-8,192 per second holds 2.5 million), shared by the layers
# of an octave.
_PLANES = 1 << 9
_BLOCKS = 1 << 17
_OCTAVES = 1 << 5
_NUMBERS = 1 << 22
_HIGHEST = 14  # octaves up to 8,192 requests per second
RATE_MAX = 2 ** (_HIGHEST - 1)  # requests per second of one plane
_LAYER_MAX = 128.0  # per second, the largest height of a layer


@dataclass(frozen=True)
class _Block:
    """The points of one block of a plane below some height.

    The rows lie in memory that the plane's next draw overwrites: copy them to keep them.
    """

    block: int
    work: Distribution
    ceiling: float  # the height
    rows: Floats  # shape (points, COLUMNS)
    order: Ints  # rows in the order of time
    at: Floats  # ms, in the order of time

    def between(self, start: int, stop: int) -> Floats:
        """A copy of the points with `start <= AT < stop`, by time."""
        return self.rows.take(self.order[slice(*self.at.searchsorted((start, stop)))], axis=0)


class Customers:
    """The planes of one seed, with the latest block of each.

    A cache, not a fact: its results depend on the streams alone, so that a world can be copied
    without it and twins may share it.

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
        self._blocks: dict[str, _Block] = {}
        self._buffers: dict[tuple[str, str], Floats] = {}

    def points(self, plane: str, start: int, stop: int, work: Distribution, rate: float) -> Floats:
        """Requests of a plane with `start <= AT < stop` under a constant rate per second.

        `UNTIL` is set by `arrivals.arrive`; here it is the height of the point.
        """
        if not 0 <= rate <= RATE_MAX:
            raise ValueError(f"rate must be 0 to {RATE_MAX} per second, got {rate}")
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

    def _block(self, plane: str, block: int, work: Distribution, rate: float) -> _Block:
        """A block, with at least the points below the rate."""
        drawn = self._blocks.get(plane)
        if drawn and drawn.block == block and drawn.work == work and drawn.ceiling >= rate:
            return drawn
        ceiling = rate
        if drawn and drawn.block == block:
            # Most rates are constant; a rising one must not draw the block anew at every tick.
            ceiling = max(rate, min(2.0 * drawn.ceiling, RATE_MAX))
        # Its memory is overwritten, so an interrupted draw must not find it.
        self._blocks.pop(plane, None)
        drawn = self._blocks[plane] = self._below(ceiling, plane, block, work)
        return drawn

    def _below(self, ceiling: float, plane: str, block: int, work: Distribution) -> _Block:
        """Draw the points of a block below a height."""
        layers = _layers(ceiling)
        dice = [self._streams.block(f"traffic/{plane}/{i}", block) for i in range(len(layers))]
        counts = [
            int(generator.poisson((high - low) * BLOCK_MS / 1000))
            for generator, (low, high) in zip(dice, layers, strict=True)
        ]
        total, end = sum(counts), 0
        rows = self._buffer(plane, "rows", total * COLUMNS).reshape(total, COLUMNS)
        at = self._buffer(plane, "at", total)
        paper = self._buffer(plane, "points", COLUMNS * max(counts))
        for generator, n, (low, high) in zip(dice, counts, layers, strict=True):
            points = paper[: COLUMNS * n].reshape(COLUMNS, n)
            generator.random(out=points[_HEIGHT])
            points[_HEIGHT] *= high - low
            points[_HEIGHT] += low
            generator.random(out=points[AT])
            _draw_marks(generator, work, points)
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
        return _Block(block, work, ceiling, rows[:end], order, times)

    def _buffer(self, plane: str, column: str, size: int) -> Floats:
        """Memory for the next draw, uninitialized; its former contents are lost.

        The same as before, since new pages cost as much as the draws; unless it is far too large.
        """
        buffer = self._buffers.get((plane, column))
        if buffer is None or not size <= len(buffer) <= 4 * size:
            buffer = self._buffers[plane, column] = np.empty(size)
        return buffer[:size]

    def replay(
        self, times: Floats, span: tuple[int, int], slice_: tuple[int, int], work: Distribution
    ) -> Floats:
        """Requests of a recording in a slice of time, with draws of their own.

        `times` are sorted ms from the start of the recording, which lasts for `span`, ms; the slice
        (from, until) lies inside it.
        """
        parts = [np.empty((0, COLUMNS))]
        start, stop = slice_
        while start < stop:
            block = block_of(start)
            end = min(stop, (block + 1) * BLOCK_MS)
            drawn = self._blocks.get("trace")
            if drawn is None or drawn.block != block or drawn.work != work:
                first, last = (times + span[0]).searchsorted(
                    (block * BLOCK_MS, (block + 1) * BLOCK_MS)
                )
                drawn = self._recorded(times[first:last] + span[0], block, work)
            parts.append(drawn.between(start, end))
            start = end
        return np.concatenate(parts)

    def _recorded(self, at: Floats, block: int, work: Distribution) -> _Block:
        dice = self._streams.block("traffic/trace", block)
        number = self._number_of("trace", block, 0.0)
        points = np.empty((COLUMNS, len(at)))
        points[AT], points[ID] = at, np.arange(number, number + len(at))
        _draw_marks(dice, work, points)
        rows = _first_attempts(points).copy()
        drawn = self._blocks["trace"] = _Block(block, work, 0.0, rows, np.arange(len(at)), at)
        return drawn

    def _number_of(self, plane: str, block: int, low: float) -> int:
        """The first ID of the layer that begins at this height."""
        # The octave 256-512 is number 9; its layer at 384 has the second half of its numbers. The
        # layers at 0 and at 1 are octaves of their own.
        mantissa, octave = math.frexp(low)
        above = int(max(0.0, 2.0 * mantissa - 1.0) * _NUMBERS)
        number = (self._number(plane) * _BLOCKS + block % _BLOCKS) * _OCTAVES + octave
        return number * _NUMBERS + above

    def _number(self, plane: str) -> int:
        """A plane's number, from its name: the same whatever other planes there are."""
        if plane not in self._planes:
            number = crc(plane) % _PLANES
            while number in self._planes.values():
                number = (number + 1) % _PLANES
            self._planes[plane] = number
        return self._planes[plane]


def _layers(rate: float) -> list[tuple[float, float]]:
    """The lower and upper edges of layers up to a rate: each as high as all below it, or 128.

    Examples
    --------
    >>> _layers(3.0), len(_layers(256.0)), _layers(300.0)[-1]
    ([(0.0, 1.0), (1.0, 2.0), (2.0, 4.0)], 9, (256.0, 384.0))
    """
    edges = [0.0, 1.0]
    while edges[-1] < rate:
        edges.append(edges[-1] + min(edges[-1], _LAYER_MAX))
    return list(pairwise(edges))


def _draw_marks(dice: np.random.Generator, work: Distribution, points: Floats) -> None:
    """Draw the columns that requests carry from birth."""
    normal = points[SINCE]
    dice.standard_normal(out=normal)
    dice.standard_exponential(out=points[DEPEND])
    dice.random(out=points[ROW])
    points[WORK] = work.draw(normal, dice)


def _first_attempts(points: Floats) -> Floats:
    """Turn the columns of points, shape (COLUMNS, points), into first attempts, one a row."""
    points[SINCE] = points[AT]
    points[ATTEMPT] = 1
    return points.T


def _in_order(at: Floats) -> Ints:
    """The order of uniforms, as a stable `argsort` gives it; of many, in a fifth of the time.

    It sorts integers whose high bits are the uniform's, as many as fit, and whose low bits are its
    index. A few ties in the high bits remain, which the last `argsort` resolves: it is fast on
    nearly sorted input.
    """
    bits = len(at).bit_length()
    keys = (at * 2.0 ** (63 - bits)).astype(np.int64)
    keys <<= bits
    keys |= np.arange(len(at))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys.take(np.argsort(at.take(keys), kind="stable"))
