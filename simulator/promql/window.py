"""The samples of some series in a range of time, packed so that kernels need no search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.store import Bools, Floats, Ints, SeriesTable, is_sample

Number = TypeVar("Number", np.float64, np.int64)
Side = Literal["left", "right"]


class Window:
    """Samples of `columns` series between two moments.

    `values` has shape (samples, columns) with each column's samples at its top, in order of
    time, `count` of them; `live` tells which cells those are, or is None where every cell of a
    column is one, or none is: then all columns share their times. Gaps and stale markers are
    squeezed out on the way in.

    A `rolling` window holds several windows side by side, as if each were of other series; then
    `times`, `start` and `end` have a column for each too.

    Examples
    --------
    >>> from simulator.telemetry.store import MISSING
    >>> times = np.array([0, 15_000, 30_000])
    >>> block = np.array([[1.0, MISSING], [2.0, 5.0], [3.0, MISSING]])
    >>> window = Window(times, block, 2, -1, 30_000)
    >>> window.count.tolist(), window.first.tolist(), window.last.tolist()
    ([3, 1], [1.0, 5.0], [3.0, 5.0])
    """

    start: int | Ints  # ms
    end: int | Ints

    def __init__(
        self,
        times: Ints,
        block: Floats,
        columns: int,
        start: int,
        end: int,
        present: Bools | None = None,
    ) -> None:
        self.start, self.end, self.columns = start, end, columns
        self.times: Ints = times[:, None]
        self.values = block
        self.live: Bools | None = None
        self.deepest = len(times)
        self._counts: Ints | None = None
        if present is None:
            if not np.count_nonzero(np.isnan(block)):
                return
            present = is_sample(block)
        whole = present.all(axis=0)
        if whole.all():
            return
        if (whole | ~present.any(axis=0)).all():
            self.values = np.where(whole, block, 0.0)
            self._counts = np.where(whole, self.deepest, 0)
        else:
            self._pack(times, block, present)

    @classmethod
    def of(
        cls, table: SeriesTable, where: slice | Ints, columns: int, start: int, end: int, side: Side
    ) -> Window:
        """The samples of so many columns of a table, from `start`, closed if left, to `end`, ms."""
        stamps = table.times
        low, high = int(stamps.searchsorted(start, side)), int(stamps.searchsorted(end, "right"))
        return cls(stamps[low:high], table.values[low:high][:, where], columns, start, end)

    @classmethod
    def rolling(
        cls,
        table: SeriesTable,
        where: slice | Ints,
        columns: int,
        start: Ints,
        end: Ints,
        side: Side,
    ) -> Window | None:
        """The same between each of several starts and ends, column by column of each in turn.

        None where they differ in samples: in depth, or by a gap or a stale marker.

        Examples
        --------
        >>> from simulator.telemetry.store import SeriesStore, labels_of
        >>> table = SeriesStore().table("api", [labels_of(__name__="up")])
        >>> for number in range(4):
        ...     table.append(number * 15_000, np.array([float(number)]))
        >>> ends = np.array([15_000, 30_000, 45_000])
        >>> Window.rolling(table, slice(0, 1), 1, ends - 15_000, ends, "left").last.tolist()
        [1.0, 2.0, 3.0]
        """
        stamps = table.times
        low, high = stamps.searchsorted(start, side), stamps.searchsorted(end, "right")
        first, depth = int(low.min()), int(high[0] - low[0])
        block = table.values[first : int(high.max())][:, where]
        if not depth or (high - low != depth).any() or np.isnan(block).any():
            return None
        rows = low + np.arange(depth)[:, None]
        whole = columns * len(low)
        window = cls(stamps[:0], block[rows - first].reshape(depth, whole), whole, 0, 0)
        window.deepest, window.times = depth, stamps[rows].repeat(columns, axis=1)
        window.start, window.end = start.repeat(columns), end.repeat(columns)
        return window

    def _pack(self, times: Ints, block: Floats, present: Bools) -> None:
        counts: Ints = present.sum(axis=0)
        deepest = self.deepest = int(counts.max(initial=0))
        column, row = present.T.nonzero()  # column by column, each in order of time
        rank = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.times = np.zeros((deepest, self.columns), dtype=np.int64)
        self.values = np.zeros((deepest, self.columns))
        self.times[rank, column] = times[row]
        self.values[rank, column] = block[row, column]
        self.live = np.arange(deepest)[:, None] < counts
        self._counts = counts

    @cached_property
    def count(self) -> Ints:
        """How many samples each series has, shape (columns,)."""
        if self._counts is None:
            return np.full(self.columns, self.deepest, dtype=np.int64)
        return self._counts

    @property
    def empty(self) -> bool:
        """Whether no series has any sample."""
        return len(self.values) == 0

    def nth_last(self, n: int, of: NDArray[Number]) -> NDArray[Number]:
        """The n-th sample from the end (1 is the last) of each column of `values` or `times`."""
        if self.live is None or self._counts is None:
            found: NDArray[Number] = of[-n]
            return found
        rows = np.maximum(self._counts - n, 0)
        picked: NDArray[Number] = np.take_along_axis(of, rows[None, :], axis=0)[0]
        return picked

    @property
    def first(self) -> Floats:
        """Each series' first value."""
        values: Floats = self.values[0]
        return values

    @cached_property
    def last(self) -> Floats:
        """Each series' last value."""
        return self.nth_last(1, self.values)

    @property
    def first_time(self) -> Ints:
        """When each series' first sample was taken, ms; broadcasts over the columns."""
        times: Ints = self.times[0]
        return times

    @cached_property
    def last_time(self) -> Ints:
        """When each series' last sample was taken, ms; broadcasts over the columns."""
        return self.nth_last(1, self.times)

    def filled(self, value: float) -> Floats:
        """The values with something harmless where there is no sample."""
        return self.values if self.live is None else np.where(self.live, self.values, value)

    def pairs(self) -> tuple[Floats, Floats, Bools | None]:
        """Each sample but the first beside its predecessor: (earlier, later, both are there)."""
        return self.values[:-1], self.values[1:], None if self.live is None else self.live[1:]


# A function of a window and of scalars, the moment asked for (ms, for each column of a window
# that rolls) the last of them: a value for
# each column, and whether it is there.
Kernel = Callable[[Window, Sequence[Any]], tuple[Floats, Bools]]
