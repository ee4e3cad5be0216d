"""The shapes of a figure; positions and sizes in points, from the top left corner."""

from typing import NamedTuple

import numpy as np

from simulator.analysis.truth import Floats


class Frame(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


class Stroke(NamedTuple):
    """A line through points; it is interrupted where one is NaN, and visible in its clip only."""

    x: Floats
    y: Floats
    ink: str
    width: float
    dash: str = ""
    opacity: float = 1.0
    clip: Frame | None = None


class Box(NamedTuple):
    """A filled rectangle; its tip is shown under the pointer."""

    frame: Frame
    ink: str
    opacity: float = 1.0
    radius: float = 0.0
    edge: str = ""
    tip: str = ""


class Words(NamedTuple):
    """A text; `y` is its baseline, `anchor` start, middle or end."""

    x: float
    y: float
    text: str
    ink: str
    size: float
    bold: bool = False
    anchor: str = "start"


class Symbol(NamedTuple):
    """A dot (o), a triangle (v) or a diamond (D) with its centre at a point."""

    x: float
    y: float
    shape: str
    ink: str
    edge: str
    tip: str = ""


Shape = Stroke | Box | Words | Symbol


def segment(x: tuple[float, float], y: tuple[float, float], ink: str, width: float,
            dash: str = "") -> Stroke:  # fmt: skip
    """A straight line."""
    return Stroke(np.array(x), np.array(y), ink, width, dash)


def centred(y: float, size: float) -> float:
    """The baseline of a text of a size whose middle is at y."""
    return y + 0.36 * size


def simplify(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The points of a line that a reader can see, at a tenth of a point.

    Of more than four points of one column (a point wide) it keeps the first, the lowest, the
    highest and the last; of a straight run its ends.

    Examples
    --------
    >>> xs, ys = simplify(np.arange(6.0), np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]))
    >>> xs.tolist(), ys.tolist()
    ([0.0, 2.0, 3.0, 5.0], [1.0, 1.0, 2.0, 2.0])
    """
    if len(x) > 4 * (np.ptp(x) + 1):
        kept = _extremes(np.floor(x), y)
        x, y = x[kept], y[kept]
    tenths = np.stack([np.rint(10 * x), np.rint(10 * y)])
    moved = np.concatenate([[True], (np.diff(tenths) != 0).any(axis=0)])
    tenths = tenths[:, moved]
    if tenths.shape[1] > 2:
        dx, dy = np.diff(tenths)
        straight = (dx[:-1] * dy[1:] == dx[1:] * dy[:-1]) & (
            dx[:-1] * dx[1:] + dy[:-1] * dy[1:] > 0
        )
        tenths = tenths[:, np.concatenate([[True], ~straight, [True]])]
    return tenths[0] / 10, tenths[1] / 10


def _extremes(column: Floats, y: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The first, the last, the lowest and the highest point of each column."""
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    ends = np.append(starts[1:], len(column)) - 1
    by_height = np.lexsort((y, column))
    return np.unique(np.concatenate([starts, ends, by_height[starts], by_height[ends]]))
