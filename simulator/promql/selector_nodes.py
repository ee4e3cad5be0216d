"""Samples from the store: the latest of each series, and those of a time range."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.plan_nodes import EvalTimes, RangeNode, VectorNode, Vectors
from simulator.promql.selection import Selection, TableColumns
from simulator.promql.sharing import SharedRange
from simulator.promql.window import Kernel, KernelResult, Side, Window
from simulator.telemetry.store import Bools, Floats, Ints, Labels, SeriesTable, is_missing, is_stale

MAX_SAMPLES = 50_000_000  # Prometheus' default of --query.max-samples


class TimeShift(NamedTuple):
    """`offset` and `@`: from evaluation time to the time that a selector reads.

    Examples
    --------
    >>> TimeShift(offset=60_000).apply(EvalTimes.at(100_000)).tolist()
    [40000]
    >>> TimeShift(pinned=0).apply(EvalTimes.at(100_000)).tolist()
    [0]
    """

    offset: int = 0
    pinned: int | None = None
    bound: str = ""  # "start" or "end"

    def apply(self, times: EvalTimes) -> Ints:
        """The times to read, one for each evaluation time."""
        if self.bound:
            pinned = times.start if self.bound == "start" else times.end
        elif self.pinned is None:
            return times.ms - self.offset if self.offset else times.ms
        else:
            pinned = self.pinned
        return np.full(len(times.ms), pinned - self.offset, dtype=np.int64)

    def apply_to(self, t: int, times: EvalTimes) -> int:
        """The time to read for evaluation time t."""
        if self.bound:
            return (times.start if self.bound == "start" else times.end) - self.offset
        return (t if self.pinned is None else self.pinned) - self.offset


class InstantSelector(VectorNode):
    """A vector selector: the latest sample of each series within the lookback delta.

    Parameters
    ----------
    lookback_delta : int, ms
    closed : bool
        Whether a sample exactly `lookback_delta` old still counts (Prometheus 2) or not (3).
    """

    def __init__(
        self, selection: Selection, shift: TimeShift, lookback_delta: int, closed: bool
    ) -> None:
        self.selection, self.labels = selection, selection.labels
        self.shift = shift
        self.max_age = lookback_delta if closed else lookback_delta - 1  # ms
        self.cannot_fail = True
        self.read_from(selection)

    def at(self, times: EvalTimes) -> Vectors:
        at, by_table = self.shift.apply(times), self.selection.by_table
        if len(by_table) == 1:
            return self._table_values(by_table[0], at)
        return self._merge([self._table_values(columns, at) for columns in by_table], len(at))

    def sample_times(self, times: EvalTimes) -> Vectors:
        """The times, ms, of the samples that `at` returns."""
        at = self.shift.apply(times)
        parts = [self._table_times(columns, at) for columns in self.selection.by_table]
        return self._merge(parts, len(at))

    def _merge(self, parts: list[Vectors], times: int) -> Vectors:
        """The samples of several tables, each in the row of its series."""
        values = np.empty((times, len(self.labels)))
        present = np.empty(values.shape, dtype=bool)
        for columns, part in zip(self.selection.by_table, parts, strict=True):
            values[:, columns.rows], present[:, columns.rows] = part
        return Vectors(values, present)

    def _table_values(self, columns: TableColumns, at: Ints) -> Vectors:
        if _is_current(columns.table, at):
            values, present = columns.table.newest.since(int(at[0]) - self.max_age)
            indices = columns.indices
            if isinstance(indices, slice):
                return Vectors(values[:, indices], present[:, indices])
            return Vectors(values.take(indices, axis=1), present.take(indices, axis=1))
        values, present, _ = self._find(columns, at)
        return Vectors(values, present)

    def _table_times(self, columns: TableColumns, at: Ints) -> Vectors:
        if _is_current(columns.table, at):
            newest, indices = columns.table.newest, columns.indices
            _, present = newest.since(int(at[0]) - self.max_age)
            return Vectors(newest.times[None, indices].astype(float), present[:, indices])
        _, present, rows = self._find(columns, at)
        row_times = np.append(columns.table.times, 0).astype(float)
        return Vectors(np.broadcast_to(row_times[rows], present.shape), present)

    def _find(self, columns: TableColumns, at: Ints) -> tuple[Floats, Bools, Ints]:
        """Values, presence, and the table's rows (broadcast over the columns) they stand in."""
        table = columns.table
        row_times = table.times
        last = row_times.searchsorted(at, "right") - 1
        first = row_times.searchsorted(at - self.max_age)
        shape = (len(at), columns.size)
        if len(at) == 1:  # plain numbers cost less than arrays of one
            row = int(last[0])
            any_row = row >= int(first[0])
            values = table.values[row, columns.indices][None] if any_row else np.zeros(shape)
            within: Bools | bool = any_row
        else:
            any_row = len(row_times) > 0 and bool((last >= first).any())
            values = table.values[:, columns.indices][last] if any_row else np.zeros(shape)
            within = (last >= first)[:, None]
        if not any_row:
            return values, np.zeros(shape, dtype=bool), np.full(shape, -1)
        if not np.isnan(values).any():
            return values, np.broadcast_to(within, shape), last[:, None]
        if not is_missing(values).any():
            return values, within & ~is_stale(values), last[:, None]
        return _search_back(columns, first, last)


def _is_current(table: SeriesTable, at: Ints) -> bool:
    """Whether the newest samples answer: one time, not before the table's last row."""
    return len(at) == 1 and (not len(table.times) or bool(at[0] >= table.times[-1]))


def _search_back(columns: TableColumns, first: Ints, last: Ints) -> tuple[Floats, Bools, Ints]:
    """`_find` where some series has no sample in its latest row: its last row with a sample."""
    lowest, end = int(first.min()), int(last.max()) + 1
    block = columns.table.values[lowest:end][:, columns.indices]
    sample_rows = np.where(is_missing(block), -1, np.arange(len(block))[:, None])
    np.maximum.accumulate(sample_rows, axis=0, out=sample_rows)
    rows = sample_rows[np.maximum(last - lowest, 0)]
    present = (rows >= (first - lowest)[:, None]) & (last >= first)[:, None]
    values = np.take_along_axis(block, np.maximum(rows, 0), axis=0)
    present &= ~is_stale(values)
    return values, present, rows + lowest


class RangeSelector(RangeNode):
    """A range selector: the samples of each series in a time range.

    The range is left-closed in Prometheus 2 and left-open in 3. Rules of a group share the
    kernels' results in `shared`.
    """

    def __init__(
        self,
        selection: Selection,
        shift: TimeShift,
        range_ms: int,
        closed: bool,
        shared: dict[Any, SharedRange] | None = None,
    ) -> None:
        self.selection, self.labels = selection, selection.labels
        self.shift, self.range_ms = shift, range_ms
        self.side: Side = "left" if closed else "right"
        self.shared = shared
        self.shared_columns: list[_SharedColumns] = []
        self.read_from(selection)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        self.shared_columns = []

    def windows(self, t: int, times: EvalTimes) -> list[tuple[slice | Ints, Window]]:
        end = self.shift.apply_to(t, times)
        start = end - self.range_ms
        return [
            (rows, Window.between(table, indices, size, start, end, self.side))
            for table, indices, size, rows in self.selection.by_table
        ]

    def rolling(self, times: EvalTimes) -> list[tuple[slice | Ints, Window]] | None:
        end = self.shift.apply(times)
        windows = []
        for table, indices, size, rows in self.selection.by_table:
            window = Window.rolling(table, indices, size, end - self.range_ms, end, self.side)
            if window is None:
                return None
            windows.append((rows, window))
        return windows

    def apply(
        self, kernel: Kernel, arguments: Sequence[float], t: int, times: EvalTimes
    ) -> Iterator[tuple[slice | Ints, KernelResult | None]]:
        if self.shared is None or len(times.ms) != 1:
            yield from super().apply(kernel, arguments, t, times)
            return
        if not self.shared_columns:
            by_table = self.selection.by_table
            self.shared_columns = [self._share(columns, kernel) for columns in by_table]
        end = self.shift.apply_to(t, times)
        for columns in self.shared_columns:
            yield columns.rows, columns.at(end - self.range_ms, end, arguments)

    def _share(self, columns: TableColumns, kernel: Kernel) -> "_SharedColumns":
        assert self.shared is not None
        key = (columns.table.name, self.range_ms, self.side, self.shift, kernel)
        if key not in self.shared:
            self.shared[key] = SharedRange(columns.table, self.side, kernel)
        return _SharedColumns(self.shared[key], columns)


class _SharedColumns:
    """A selector's columns of a shared range."""

    def __init__(self, range_: SharedRange, columns: TableColumns) -> None:
        self.range, self.rows = range_, columns.rows
        indices = columns.indices
        numbers = np.arange(indices.start, indices.stop) if isinstance(indices, slice) else indices
        range_.add_columns(numbers)
        self.numbers, self._range_columns = numbers, -1
        self._positions: slice | Ints

    def at(self, start: int, end: int, arguments: Sequence[float]) -> KernelResult | None:
        if self._range_columns != len(self.range.columns):
            self._positions = self.range.positions(self.numbers)
            self._range_columns = len(self.range.columns)
        result = self.range.at(start, end, arguments)
        return result and (result[0][self._positions], result[1][self._positions])


class Subquery(RangeNode):
    """A query evaluated at multiples of a step, read as a range."""

    def __init__(
        self,
        inner: VectorNode,
        shift: TimeShift,
        range_ms: int,
        step: int,
        closed: bool,
        epoch: int = 0,
    ) -> None:
        self.inner, self.labels = inner, inner.labels
        self.shift, self.range_ms, self.step = shift, range_ms, step
        self.closed, self.epoch = closed, epoch
        self.read_from(inner)

    def windows(self, t: int, times: EvalTimes) -> list[tuple[slice | Ints, Window]]:
        end = self.shift.apply_to(t, times)
        start = end - self.range_ms
        first = -(-(start + self.epoch) // self.step) * self.step - self.epoch
        if first == start and not self.closed:
            first += self.step
        if (end - first) // self.step * max(1, len(self.labels)) > MAX_SAMPLES:
            raise PromQLError("query processing would load too many samples into memory")
        steps = np.arange(first, end + 1, self.step, dtype=np.int64)
        values, present = self.inner.at(times.with_ms(steps))
        columns = len(self.labels)
        window = Window(steps, values, columns, start, end, present)
        return [(slice(0, columns), window)]
