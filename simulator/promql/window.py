"""The samples of some series in a time range, packed so that kernels need no search."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.store import Bools, Floats, Ints, SeriesTable, is_sample

Cell = TypeVar("Cell", np.float64, np.int64)
Side = Literal["left", "right"]


class Window:
    """Samples of `columns` series between two times.

    `values` has shape (depth, columns) with each column's `count` samples at its top, in order
    of time. `present` marks the cells that hold samples; it is None where every column is full
    or empty: then all columns share their times. Gaps and staleness markers are squeezed out
    on construction.

    A `rolling` window holds several windows side by side, as if each had series of its own;
    then `times`, `start` and `end` have a column for each too.

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
        self.present: Bools | None = None
        self.depth = len(times)
        self._counts: Ints | None = None
        if present is None:
            if not np.count_nonzero(np.isnan(block)):
                return
            present = is_sample(block)
        full = present.all(axis=0)
        if full.all():
            return
        if (full | ~present.any(axis=0)).all():
            self.values = np.where(full, block, 0.0)
            self._counts = np.where(full, self.depth, 0)
        else:
            self._pack(times, block, present)

    @classmethod
    def between(
        cls, table: SeriesTable, index: slice | Ints, columns: int, start: int, end: int, side: Side
    ) -> Self:
        """The samples of some columns of a table from `start` to `end`, ms.

        `index` selects the columns, `columns` is their number; a sample at `start` counts if
        `side` is 'left'.
        """
        times = table.times
        low, high = int(times.searchsorted(start, side)), int(times.searchsorted(end, "right"))
        return cls(times[low:high], table.values[low:high][:, index], columns, start, end)

    @classmethod
    def rolling(
        cls,
        table: SeriesTable,
        index: slice | Ints,
        columns: int,
        start: Ints,
        end: Ints,
        side: Side,
    ) -> "Window | None":
        """The windows between several starts and ends side by side, one after the other.

        None if they differ in depth, or contain a gap or a staleness marker.

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
        times = table.times
        low, high = times.searchsorted(start, side), times.searchsorted(end, "right")
        first, depth = int(low.min()), int(high[0] - low[0])
        block = table.values[first : int(high.max())][:, index]
        if not depth or (high - low != depth).any() or np.isnan(block).any():
            return None
        rows = low + np.arange(depth)[:, None]
        width = columns * len(low)
        window = cls(times[:0], block[rows - first].reshape(depth, width), width, 0, 0)
        window.depth, window.times = depth, times[rows].repeat(columns, axis=1)
        window.start, window.end = start.repeat(columns), end.repeat(columns)
        return window

    def _pack(self, times: Ints, block: Floats, present: Bools) -> None:
        counts: Ints = present.sum(axis=0)
        depth = self.depth = int(counts.max(initial=0))
        column, row = present.T.nonzero()  # column by column, each in order of time
        rank = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.times = np.zeros((depth, self.columns), dtype=np.int64)
        self.values = np.zeros((depth, self.columns))
        self.times[rank, column] = times[row]
        self.values[rank, column] = block[row, column]
        self.present = np.arange(depth)[:, None] < counts
        self._counts = counts

    @cached_property
    def count(self) -> Ints:
        """The number of samples of each series, shape (columns,)."""
        if self._counts is None:
            return np.full(self.columns, self.depth, dtype=np.int64)
        return self._counts

    @property
    def empty(self) -> bool:
        """Whether no series has a sample."""
        return len(self.values) == 0

    def nth_last(self, n: int, of: NDArray[Cell]) -> NDArray[Cell]:
        """The n-th sample from the end (1 is the last) of each column of `values` or `times`."""
        if self.present is None or self._counts is None:
            row: NDArray[Cell] = of[-n]
            return row
        rows = np.maximum(self._counts - n, 0)
        picked: NDArray[Cell] = np.take_along_axis(of, rows[None, :], axis=0)[0]
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
        """The time of each series' first sample, ms; broadcasts over the columns."""
        times: Ints = self.times[0]
        return times

    @cached_property
    def last_time(self) -> Ints:
        """The time of each series' last sample, ms; broadcasts over the columns."""
        return self.nth_last(1, self.times)

    def filled(self, value: float) -> Floats:
        """The values, with `value` in cells without a sample."""
        return self.values if self.present is None else np.where(self.present, self.values, value)

    def consecutive(self) -> tuple[Floats, Floats, Bools | None]:
        """Pairs of consecutive samples: (earlier, later, whether both are present)."""
        present = None if self.present is None else self.present[1:]
        return self.values[:-1], self.values[1:], present


KernelResult = tuple[Floats, Bools]  # a value for each column, and whether it is present
# A function of a window and of scalars; the last scalar is the evaluation time, ms (for each
# column of a rolling window).
Kernel = Callable[[Window, Sequence[Any]], KernelResult]
