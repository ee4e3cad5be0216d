"""Samples out of the store: the latest of each series, and those of a range of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.plan_nodes import Batch, RangeNode, Times, VectorNode
from simulator.promql.selection import Columns, Selection
from simulator.promql.sharing import SharedRange
from simulator.promql.window import Kernel, Side, Window
from simulator.telemetry.store import Bools, Floats, Ints, Labels, SeriesTable, is_missing, is_stale

SAMPLES = 50_000_000  # Prometheus' own default limit


class Shift(NamedTuple):
    """`offset` and `@`: from when the query asks to when it reads.

    Examples
    --------
    >>> Shift(offset=60_000).apply(Times.at(100_000)).tolist()
    [40000]
    >>> Shift(pinned=0).apply(Times.at(100_000)).tolist()
    [0]
    """

    offset: int = 0
    pinned: int | None = None
    bound: str = ""  # "start" or "end"

    def apply(self, times: Times) -> Ints:
        """The times to read at."""
        if self.bound:
            pinned = times.start if self.bound == "start" else times.end
        elif self.pinned is None:
            return times.ms - self.offset if self.offset else times.ms
        else:
            pinned = self.pinned
        return np.full(len(times.ms), pinned - self.offset, dtype=np.int64)

    def one(self, t: int, times: Times) -> int:
        """The time to read at for one moment."""
        if self.bound:
            return (times.start if self.bound == "start" else times.end) - self.offset
        return (t if self.pinned is None else self.pinned) - self.offset


class Latest(VectorNode):
    """A vector selector: the latest sample of each series within the lookback.

    Parameters
    ----------
    selection : Selection
    shift : Shift
    lookback : int, ms
    closed : bool
        Whether a sample exactly `lookback` old still counts (Prometheus 2) or not (3).
    """

    def __init__(self, selection: Selection, shift: Shift, lookback: int, closed: bool) -> None:
        self.selection, self.labels = selection, selection.labels
        self.shift = shift
        self.back = lookback if closed else lookback - 1  # ms: the oldest that still counts
        self.sure = True
        self.reads(selection)

    def at(self, times: Times) -> Batch:
        asked, parts = self.shift.apply(times), self.selection.parts
        if len(parts) == 1:
            return self._part(parts[0], asked)
        return self._together([self._part(part, asked) for part in parts], len(asked))

    def sampled(self, times: Times) -> Batch:
        """When the samples that `at` returns were taken, ms."""
        asked = self.shift.apply(times)
        taken = [self._taken(part, asked) for part in self.selection.parts]
        return self._together(taken, len(asked))

    def _together(self, batches: list[Batch], moments: int) -> Batch:
        """The samples of several tables, each in the row of its series."""
        values = np.empty((moments, len(self.labels)))
        present = np.empty(values.shape, dtype=bool)
        for part, batch in zip(self.selection.parts, batches, strict=True):
            values[:, part.rows], present[:, part.rows] = batch
        return Batch(values, present)

    def _part(self, part: Columns, asked: Ints) -> Batch:
        if _newest(part.table, asked):
            values, present = part.table.newest.since(int(asked[0]) - self.back)
            where = part.where
            if isinstance(where, slice):
                return Batch(values[:, where], present[:, where])
            return Batch(values.take(where, axis=1), present.take(where, axis=1))
        values, present, _ = self._found(part, asked)
        return Batch(values, present)

    def _taken(self, part: Columns, asked: Ints) -> Batch:
        if _newest(part.table, asked):
            head = part.table.newest
            _, present = head.since(int(asked[0]) - self.back)
            return Batch(head.times[None, part.where].astype(float), present[:, part.where])
        _, present, rows = self._found(part, asked)
        stamps = np.append(part.table.times, 0).astype(float)
        return Batch(np.broadcast_to(stamps[rows], present.shape), present)

    def _found(self, part: Columns, asked: Ints) -> tuple[Floats, Bools, Ints]:
        """Values, presence, and the rows they are of, which broadcast over the columns."""
        table = part.table
        stamps = table.times
        last = stamps.searchsorted(asked, "right") - 1
        first = stamps.searchsorted(asked - self.back)
        shape = (len(asked), part.size)
        if len(asked) == 1:  # plain numbers cost less than arrays of one
            row = int(last[0])
            reached = row >= int(first[0])
            values = table.values[row, part.where][None] if reached else np.zeros(shape)
            within: Bools | bool = reached
        else:
            reached = len(stamps) > 0 and bool((last >= first).any())
            values = table.values[:, part.where][last] if reached else np.zeros(shape)
            within = (last >= first)[:, None]
        if not reached:
            return values, np.zeros(shape, dtype=bool), np.full(shape, -1)
        if not np.isnan(values).any():
            return values, np.broadcast_to(within, shape), last[:, None]
        if not is_missing(values).any():
            return values, within & ~is_stale(values), last[:, None]
        return _search_back(part, first, last)


def _newest(table: SeriesTable, asked: Ints) -> bool:
    """Whether the head of the table answers: it is asked for now, not for a time in the past."""
    return len(asked) == 1 and (not len(table.times) or bool(asked[0] >= table.times[-1]))


def _search_back(part: Columns, first: Ints, last: Ints) -> tuple[Floats, Bools, Ints]:
    """Where some series has no sample in its latest row, find the row of its last sample."""
    lowest, end = int(first.min()), int(last.max()) + 1
    block = part.table.values[lowest:end][:, part.where]
    filled = np.where(is_missing(block), -1, np.arange(len(block))[:, None])
    np.maximum.accumulate(filled, axis=0, out=filled)
    rows = filled[np.maximum(last - lowest, 0)]
    present = (rows >= (first - lowest)[:, None]) & (last >= first)[:, None]
    values = np.take_along_axis(block, np.maximum(rows, 0), axis=0)
    present &= ~is_stale(values)
    return values, present, rows + lowest


class Samples(RangeNode):
    """A range selector: the samples of each series in a range of time.

    The range is closed on the left in Prometheus 2 and open in 3. Rules that are evaluated at
    the same moments `share` what their functions make of it.
    """

    def __init__(
        self,
        selection: Selection,
        shift: Shift,
        range_ms: int,
        closed: bool,
        share: dict[Any, SharedRange] | None = None,
    ) -> None:
        self.selection, self.labels = selection, selection.labels
        self.shift, self.range_ms = shift, range_ms
        self.side: Side = "left" if closed else "right"
        self.share = share
        self.shared: list[_Shared] = []
        self.reads(selection)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        self.shared = []

    def windows(self, t: int, times: Times) -> list[tuple[slice | Ints, Window]]:
        end = self.shift.one(t, times)
        start = end - self.range_ms
        return [
            (rows, Window.of(table, where, size, start, end, self.side))
            for table, where, size, rows in self.selection.parts
        ]

    def rolling(self, times: Times) -> list[tuple[slice | Ints, Window]] | None:
        end = self.shift.apply(times)
        windows = []
        for table, where, size, rows in self.selection.parts:
            window = Window.rolling(table, where, size, end - self.range_ms, end, self.side)
            if window is None:
                return None
            windows.append((rows, window))
        return windows

    def through(
        self, kernel: Kernel, given: Sequence[float], t: int, times: Times
    ) -> Iterator[tuple[slice | Ints, tuple[Floats, Bools] | None]]:
        if self.share is None or len(times.ms) != 1:
            yield from super().through(kernel, given, t, times)
            return
        if not self.shared:
            self.shared = [self._join(part, kernel) for part in self.selection.parts]
        end = self.shift.one(t, times)
        for one in self.shared:
            yield one.rows, one.at(end - self.range_ms, end, given)

    def _join(self, part: Columns, kernel: Kernel) -> _Shared:
        assert self.share is not None
        what = (part.table.name, self.range_ms, self.side, self.shift, kernel)
        if what not in self.share:
            self.share[what] = SharedRange(part.table, self.side, kernel)
        return _Shared(self.share[what], part)


class _Shared:
    """Some columns of a range that others read too."""

    def __init__(self, range_: SharedRange, part: Columns) -> None:
        self.range, self.rows = range_, part.rows
        where = part.where
        numbers = np.arange(where.start, where.stop) if isinstance(where, slice) else where
        range_.join(numbers)
        self.numbers, self.known = numbers, -1
        self.place: slice | Ints

    def at(self, start: int, end: int, given: Sequence[float]) -> tuple[Floats, Bools] | None:
        if self.known != len(self.range.columns):
            self.place, self.known = self.range.place(self.numbers), len(self.range.columns)
        found = self.range.at(start, end, given)
        return found and (found[0][self.place], found[1][self.place])


class Subquery(RangeNode):
    """A query asked at regular moments, read as a range; its moments are multiples of the step."""

    def __init__(
        self,
        inner: VectorNode,
        shift: Shift,
        range_ms: int,
        step: int,
        closed: bool,
        epoch: int = 0,
    ) -> None:
        self.inner, self.labels = inner, inner.labels
        self.shift, self.range_ms, self.step = shift, range_ms, step
        self.closed, self.epoch = closed, epoch
        self.reads(inner)

    def windows(self, t: int, times: Times) -> list[tuple[slice | Ints, Window]]:
        end = self.shift.one(t, times)
        start = end - self.range_ms
        first = -(-(start + self.epoch) // self.step) * self.step - self.epoch
        if first == start and not self.closed:
            first += self.step
        if (end - first) // self.step * max(1, len(self.labels)) > SAMPLES:
            raise PromQLError("query processing would load too many samples into memory")
        moments = np.arange(first, end + 1, self.step, dtype=np.int64)
        values, present = self.inner.at(times.moved(moments))
        columns = len(self.labels)
        window = Window(moments, values, columns, start, end, present)
        return [(slice(0, columns), window)]
