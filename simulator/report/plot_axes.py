"""The axes of a plot: where its times and values are, its ticks and its grid."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from simulator.analysis.truth import Floats, Times
from simulator.report.captions import ROW, Rows
from simulator.report.shapes import Box, Frame, Shape, Words, centred, segment
from simulator.run import Header
from simulator.units.wording import hhmm

MINUTE = 60_000
TIME_STEPS = (5, 10, 15, 30, 60, 120, 240, 480, 1440, 10**6)  # minutes
SECONDS_STEPS = (60, 300, 600, 1800, 3600, 21600, 86400)
Format = Callable[[float], str]


class TimeAxis(NamedTuple):
    """The times of all plots of a figure: from 0 to `end` ms, between two positions in points."""

    left: float
    width: float
    end: int
    narrow: bool

    def x(self, t: float) -> float:
        """The position of a time."""
        return self.left + self.width * t / self.end

    def positions(self, times: Times) -> Floats:
        """The positions of times."""
        return self.left + self.width * times / self.end

    @property
    def ticks(self) -> range:
        """The labelled times, ms."""
        most = 5 if self.narrow else 10
        step = next(m for m in TIME_STEPS if self.end / (m * MINUTE) <= most) * MINUTE
        return range(0, self.end + 1, step)


def time_grid(axis: TimeAxis, frame: Frame, header: Header, labelled: bool) -> Iterator[Shape]:
    """The warm-up, a line for each tick, and the times below if they are labelled."""
    warm_up = axis.x(min(header.warm_up, axis.end)) - axis.left
    yield Box(Frame(frame.left, frame.top, warm_up, frame.height), "shade")
    for t in axis.ticks:
        x = axis.x(t)
        below = frame.bottom + (3 if labelled else 0)
        yield segment((x, x), (frame.top, below), "rule", 0.5)
        if labelled:
            yield Words(x, frame.bottom + 11, hhmm(t), "muted", 7, anchor="middle")
    yield segment((frame.left, frame.right), (frame.bottom, frame.bottom), "rule", 0.7)


class ValueAxis(NamedTuple):
    """The values of a plot, from the lowest to the highest."""

    frame: Frame
    low: float
    high: float

    def y(self, value: float) -> float:
        """The position of a value."""
        return self.frame.bottom - self.frame.height * (value - self.low) / (self.high - self.low)

    def positions(self, values: Floats) -> Floats:
        """The positions of values."""
        scale = self.frame.height / (self.high - self.low)
        return self.frame.bottom - scale * (values - self.low)

    def grid(self, format_value: Format, seconds: bool = False) -> Iterator[Shape]:
        """A line for each tick, and the values at the left."""
        left, right = self.frame.left, self.frame.right
        for value in ticks(self.low, self.high, seconds):
            y = self.y(value)
            yield segment((left, right), (y, y), "rule", 0.4)
            text = format_value(value)
            yield Words(left - 4, centred(y, 7), text, "muted", 7, anchor="end")


def ticks(low: float, high: float, seconds: bool = False) -> list[float]:
    """At most four round values between two others; durations at 5 or 10 min, never 8 min 20 s.

    Examples
    --------
    >>> ticks(0.66, 0.91), ticks(-90, 2000, seconds=True)
    ([0.7, 0.8, 0.9], [0.0, 600.0, 1200.0, 1800.0])
    """
    whole = [step for step in SECONDS_STEPS if seconds and 1 <= (high - low) / step <= 4]
    step = float(whole[0]) if whole else _round_up((high - low) / 3)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _round_up(step: float) -> float:
    """The next of 1, 2, 2.5, 5 and 10, times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return power * next(m for m in (1, 2, 2.5, 5, 10) if m * power >= step * (1 - 1e-9))


def caption_words(frame: Frame, rows: Rows) -> Iterator[Shape]:
    """A caption above a plot, its last row nearest."""
    for number, row in enumerate(reversed(rows)):
        y = frame.top - 4 - 72 * ROW * number
        for x, label in row:
            left = frame.left + 72 * x
            yield Words(left, y, label.text, label.ink, label.size, label.bold)


def stacked(left: float, width: float, heights: Sequence[float], gaps: Sequence[float]
            ) -> list[Frame]:  # fmt: skip
    """Frames below each other, each after its gap."""
    frames, y = [], 0.0
    for height, gap in zip(heights, gaps, strict=True):
        frames.append(Frame(left, y + gap, width, height))
        y += gap + height
    return frames
