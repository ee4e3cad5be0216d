"""Traffic: who asks, and when.

Arrivals are points of a Poisson process in the plane of time and height, and a point
arrives if it lies under the curve of today's rate. A curve that is raised or lowered
therefore changes nothing before that moment and keeps every customer that both curves
have in common, and a slice of time holds the same points whatever the tick. The base and
every surge are planes of their own, drawn in octaves of height (0-1, 1-2, 2-4, ... per
second) and blocks of ten minutes.

A request carries its draws from birth: how much work it is, how long its feature read
takes, which row it asks about. Twins see the same customers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.streams import BLOCK_MS, Streams, block_of, crc

if TYPE_CHECKING:
    from simulator.pipeline.world import Floats, Params, Sample

# Columns of a matrix of requests, one row a request.
AT = 0  # ms, arrival of the first attempt
SINCE = 1  # ms, arrival of this attempt
UNTIL = 2  # ms, when the client gives this attempt up
WORK = 3  # draw of the model's work, mean 1 (lognormal)
DEPEND = 4  # draw of the feature read, mean 1 (exponential)
ROW = 5  # uniform that picks the row asked about
ID = 6  # exact integer below 2**53, unique in the run
ATTEMPT = 7  # 1 for the first
COLUMNS = 8

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# How an ID is laid out: 9 bits of plane, 17 of block (two years), 5 of octave, 22 of
# number (a block of the octave 4,096-8,192 per second holds 2.5 million).
_PLANES = 1 << 9
_BLOCKS = 1 << 17
_OCTAVES = 1 << 5
_NUMBERS = 1 << 22
_HIGHEST = 14  # octaves up to 8,192 requests per second


@dataclass(frozen=True)
class _Drawn:
    """The points of one block of a plane below some height, in the order of time."""

    block: int
    sigma: float
    ceiling: float  # the height
    rows: Floats  # shape (points, COLUMNS)
    height: Floats
    at: Floats  # the column AT, contiguous for searchsorted


class Traffic:
    """The planes of one seed, with the block of each that was looked at last.

    A cache and no fact: what it gives depends on the streams alone, so that a world can be
    copied without it and twins may share it.

    Examples
    --------
    >>> traffic = Traffic(Streams(7))
    >>> calm = traffic.points("base", 0, 60_000, 0.6, 2.0)
    >>> busy = traffic.points("base", 0, 60_000, 0.6, 3.0)
    >>> len(calm) < len(busy), set(calm[:, ID]) <= set(busy[:, ID])
    (True, True)
    """

    def __init__(self, streams: Streams) -> None:
        self.seed = streams.seed
        self._streams = streams
        self._planes: dict[str, int] = {"base": 0}
        self._drawn: dict[str, _Drawn] = {}

    def points(self, plane: str, start: int, stop: int, sigma: float, rate: float) -> Floats:
        """Requests of a plane with `start <= AT < stop` under a constant rate per second."""
        if not 0 <= rate <= 2 ** (_HIGHEST - 1):
            raise ValueError(f"rate must be 0 to {2 ** (_HIGHEST - 1)} per second, got {rate}")
        parts = []
        while rate > 0 and start < stop:
            block = block_of(start)
            end = min(stop, (block + 1) * BLOCK_MS)
            drawn = self._block(plane, block, sigma, rate)
            first, last = drawn.at.searchsorted((start, end))
            rows = drawn.rows[first:last]
            if rate < drawn.ceiling:
                rows = rows.compress(drawn.height[first:last] < rate, axis=0)
            else:
                rows = rows.copy()
            parts.append(rows)
            start = end
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty((0, COLUMNS))

    def _block(self, plane: str, block: int, sigma: float, rate: float) -> _Drawn:
        """The points of a block, at least those below the rate."""
        drawn = self._drawn.get(plane)
        if drawn and drawn.block == block and drawn.sigma == sigma and drawn.ceiling >= rate:
            return drawn
        octaves = max(0, math.ceil(math.log2(rate))) + 1
        dice = [self._streams.block(f"traffic/{plane}/{o}", block) for o in range(octaves)]
        heights = [0.0, *(2.0**o for o in range(octaves))]
        counts = [
            int(d.poisson((high - low) * BLOCK_MS / 1000))
            for d, low, high in zip(dice, heights[:-1], heights[1:], strict=True)
        ]
        rows, height = np.empty((sum(counts), COLUMNS)), np.empty(sum(counts))
        first = 0
        for octave, n in enumerate(counts):
            part = slice(first, first + n)
            height[part] = dice[octave].uniform(heights[octave], heights[octave + 1], n)
            self._draw(rows[part], dice[octave], block, sigma)
            number = (self._number(plane) * _BLOCKS + block % _BLOCKS) * _OCTAVES + octave
            rows[part, ID] = np.arange(number * _NUMBERS, number * _NUMBERS + n)
            first += n
        # Most rates stand still; one that rises within a block must not draw it at every tick.
        ceiling = heights[-1] if drawn and drawn.block == block else rate
        below = np.flatnonzero(height < ceiling)
        order = below[np.argsort(rows[below, AT])]
        rows = rows.take(order, axis=0)  # five times as fast as rows[order]
        made = _Drawn(block, sigma, ceiling, rows, height[order], rows[:, AT].copy())
        self._drawn[plane] = made
        return made

    @staticmethod
    def _draw(rows: Floats, dice: np.random.Generator, block: int, sigma: float) -> None:
        """What requests carry from birth."""
        n = len(rows)
        rows[:, AT] = rows[:, SINCE] = (block + dice.random(n)) * BLOCK_MS
        rows[:, WORK] = np.exp(sigma * dice.standard_normal(n) - sigma * sigma / 2)
        rows[:, DEPEND] = dice.standard_exponential(n)
        rows[:, ROW] = dice.random(n)
        rows[:, ATTEMPT] = 1

    def _number(self, plane: str) -> int:
        """A plane's number: of its name, so that it is the same where other planes are not."""
        if plane not in self._planes:
            number = crc(plane) % _PLANES
            while number in self._planes.values():
                number = (number + 1) % _PLANES
            self._planes[plane] = number
        return self._planes[plane]


def arrive(params: Params, traffic: Traffic, sample: Sample) -> Floats:
    """First attempts of one tick, in the order of their arrival.

    Parameters
    ----------
    params : Params
        `rate` and `profile` give the base, `surges` what comes on top.
    traffic : Traffic
    sample : Sample
        Of the tick; a surge is hit by every request that it brings.

    Returns
    -------
    ndarray, shape (requests, COLUMNS)
    """
    parts = []
    t, end = sample.t, sample.t + sample.dt
    while t < end:  # the profile is a step function of the hour of day
        of_day = (params.start_ms_of_day + t) % DAY_MS
        stop = min(end, t + HOUR_MS - of_day % HOUR_MS)
        rate = params.rate * float(params.profile[of_day // HOUR_MS])
        parts.append(traffic.points("base", t, stop, params.service_sigma, rate))
        t = stop
    for fault, extra in params.surges:
        rows = traffic.points(f"surge/{fault}", sample.t, end, params.service_sigma, extra)
        sample.hit(fault, len(rows))
        parts.append(rows)
    if len(parts) == 1:
        rows = parts[0]
    else:
        rows = np.concatenate(parts)
        rows = rows[np.argsort(rows[:, AT], kind="stable")]
    rows[:, UNTIL] = rows[:, SINCE] + params.timeout_ms
    return rows
