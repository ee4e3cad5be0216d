"""Scraped samples as columns: one table per scrape group, one scrape is one row.

All series of a scrape group share their timestamps, so a table holds one column of times
(int64, ms of simulated time) and a time-major matrix of float64. A range of time is then a
contiguous slice of rows, whatever the number of series.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.cells import (
    MISSING,
    STALE,
    Bools,
    Floats,
    Ints,
    is_missing,
    is_sample,
    is_stale,
)
from simulator.telemetry.newest import NewestSamples

__all__ = [
    "MISSING", "STALE", "Bools", "Floats", "Ints", "Labels", "SeriesStore", "SeriesTable",
    "is_missing", "is_sample", "is_stale", "labels_of",
]  # fmt: skip

Labels = tuple[tuple[str, str], ...]
NewSeries = tuple[str, Labels, int]  # the table's name, the labels, the column

ROWS = 256  # a new table's capacity: an hour at one scrape in 15 s
COLUMNS = 32  # columns are added in blocks, so that a late series is cheap


def labels_of(labels: Mapping[str, str] | None = None, /, **more: str) -> Labels:
    """A label set in canonical form: sorted by name, without empty values.

    Examples
    --------
    >>> labels_of({"__name__": "up"}, job="api", zone="")
    (('__name__', 'up'), ('job', 'api'))
    """
    merged = {**(labels or {}), **more}
    return tuple(sorted((name, value) for name, value in merged.items() if value != ""))


class SeriesIndex:
    """Postings: table and column of the series of each metric, in order of creation.

    A selector asks for one metric's name (None: every series) and scans only the postings
    that were added since its last scan.

    Parameters
    ----------
    tables : mapping of str to SeriesTable
        The tables by name.
    created : list of NewSeries
        All series, in order of creation. Tables append to it; if they had the index itself, each
        would hold the other, and both would stay in memory after a run.
    """

    def __init__(self, tables: Mapping[str, SeriesTable], created: Sequence[NewSeries]) -> None:
        self._tables, self._created = tables, created
        self._postings: dict[str | None, list[tuple[SeriesTable, int]]] = {None: []}

    def postings(self, metric: str | None) -> Sequence[tuple[SeriesTable, int]]:
        """The series of a metric; every series for None."""
        for name, labels, column in self._created[len(self._postings[None]) :]:
            posting = (self._tables[name], column)
            self._postings[None].append(posting)
            metric_name = next((value for label, value in labels if label == "__name__"), "")
            self._postings.setdefault(metric_name, []).append(posting)
        return self._postings.get(metric, ())


class SeriesTable:
    """The samples of the series that are scraped together.

    Parameters
    ----------
    series : sequence of Labels
        The first columns; `ensure_columns` adds more.
    created : list of NewSeries, optional
        The list of the store to which new series are added.

    Examples
    --------
    >>> table = SeriesTable("api", [labels_of(__name__="up", job="api")])
    >>> table.append(0, np.array([1.0]))
    >>> table.append(15_000, np.array([0.0]))
    >>> table.times.tolist(), table.values[:, 0].tolist()
    ([0, 15000], [1.0, 0.0])
    """

    def __init__(
        self, name: str, series: Sequence[Labels] = (), created: list[NewSeries] | None = None
    ) -> None:
        self.name = name
        self._created: list[NewSeries] = [] if created is None else created
        self.series: list[Labels] = []
        self.column_of: dict[Labels, int] = {}
        self.retention: int | None = None
        self._first = 0  # the rows in use are _first.._end
        self._end = 0
        self._times: Ints = np.zeros(ROWS, dtype=np.int64)
        self._values: Floats = np.full((ROWS, max(len(series), 1)), MISSING)
        self.newest = NewestSamples(self._values.shape[1])
        self.ensure_columns(series)

    @property
    def times(self) -> Ints:
        """The time of each row, ms, ascending; a view."""
        return self._times[self._first : self._end]

    @property
    def values(self) -> Floats:
        """The rows, shape (rows, columns); a view."""
        return self._values[self._first : self._end, : len(self.series)]

    def append(self, t: int, row: Floats) -> None:
        """Write one scrape: a value for every column, MISSING where there is no sample."""
        self._open_row(t)
        self._values[self._end - 1, : len(row)] = row
        self.newest.append(t, row)

    def put(self, t: int, columns: Ints | slice, values: Floats | float) -> None:
        """Write samples of some columns at t, into the last row if it has the same time.

        Examples
        --------
        >>> table = SeriesTable("rules", [labels_of(__name__="a"), labels_of(__name__="b")])
        >>> table.put(0, np.array([0]), 1.0); table.put(0, np.array([1]), 2.0)
        >>> table.values.tolist()
        [[1.0, 2.0]]
        """
        if self._end == self._first or self._times[self._end - 1] != t:
            self._open_row(t)
        self._values[self._end - 1, columns] = values
        self.newest.write(t, columns, values)

    def put_missing(self, t: int, columns: Ints | slice, values: Floats | float) -> None:
        """Write only the columns that have no sample at t: of two writers the first wins.

        Examples
        --------
        >>> table = SeriesTable("rules", [labels_of(__name__="a"), labels_of(__name__="b")])
        >>> table.put(0, np.array([0]), 1.0); table.put_missing(0, np.array([0, 1]), 2.0)
        >>> table.values.tolist()
        [[1.0, 2.0]]
        """
        if self._end > self._first and self._times[self._end - 1] == t:
            empty = is_missing(self._values[self._end - 1, columns])
            if np.count_nonzero(empty) < len(empty):
                columns = np.arange(len(self.series))[columns][empty]
                values = np.broadcast_to(values, len(empty))[empty]
        self.put(t, columns, values)

    def ensure_columns(self, series: Sequence[Labels]) -> Ints:
        """The column numbers of series; new series get new columns."""
        for labels in series:
            if labels not in self.column_of:
                self.column_of[labels] = len(self.series)
                self._created.append((self.name, labels, len(self.series)))
                self.series.append(labels)
        if len(self.series) > self._values.shape[1]:
            capacity = -(-len(self.series) * 5 // (4 * COLUMNS)) * COLUMNS
            wider = np.full((len(self._times), capacity), MISSING)
            wider[:, : self._values.shape[1]] = self._values
            self._values = wider
            self.newest.add_columns(capacity)
        return np.array([self.column_of[labels] for labels in series], dtype=np.int64)

    def copy(self, created: list[NewSeries] | None = None) -> SeriesTable:
        """An independent table with the same rows; `created` has its series already."""
        copied = SeriesTable(self.name)
        copied.retention = self.retention
        copied.ensure_columns(self.series)
        if created is not None:
            copied._created = created
        copied._first, copied._end = 0, self._end - self._first
        capacity = max(ROWS, copied._end * 5 // 4)
        copied._times = np.empty(capacity, dtype=np.int64)
        copied._values = np.empty((capacity, self._values.shape[1]))
        copied._times[: copied._end] = self.times
        copied._values[: copied._end] = self._values[self._first : self._end]
        copied.newest = self.newest.copy()
        return copied

    def _open_row(self, t: int) -> None:
        if self._end > self._first and t <= self._times[self._end - 1]:
            last = int(self._times[self._end - 1])
            raise ValueError(f"table {self.name!r}: a row at {t} ms after one at {last} ms")
        if self.retention is not None and self._end == len(self._times):
            retained = int(self._times.searchsorted(t - self.retention))
            self._first = max(self._first, min(retained, self._end))
        if self._end == len(self._times):
            self._make_room()
        self._times[self._end] = t
        self._values[self._end] = MISSING
        self._end += 1

    def _make_room(self) -> None:
        used = self._end - self._first
        capacity = len(self._times)
        capacity = max(ROWS, capacity if used <= capacity // 2 else capacity * 2)
        times = np.empty(capacity, dtype=np.int64)
        values = np.empty((capacity, self._values.shape[1]))
        times[:used] = self.times
        values[:used] = self._values[self._first : self._end]
        self._times, self._values, self._first, self._end = times, values, 0, used


class SeriesStore:
    """Every table of one run.

    Parameters
    ----------
    retention : int, ms, optional
        Rows older than this may be dropped; None keeps all.

    Examples
    --------
    >>> store = SeriesStore()
    >>> up = store.table("api", [labels_of(__name__="up", job="api")])
    >>> up.append(0, np.array([1.0]))
    >>> copied = store.copy()
    >>> copied.table("api").append(15_000, np.array([0.0]))
    >>> len(up.times), len(copied.table("api").times)
    (1, 2)
    """

    def __init__(self, retention: int | None = None) -> None:
        self.retention = retention
        self.tables: dict[str, SeriesTable] = {}
        self._created: list[NewSeries] = []
        self.index = SeriesIndex(self.tables, self._created)

    @property
    def version(self) -> int:
        """Grows with every new series: plans compare it to know whether to grow too."""
        return len(self._created)

    def table(self, name: str, series: Sequence[Labels] = ()) -> SeriesTable:
        """The table of that name, created if necessary, with columns for these series."""
        table = self.tables.get(name)
        if table is None:
            table = self.tables[name] = SeriesTable(name, series, self._created)
            table.retention = self.retention
        elif series:
            table.ensure_columns(series)
        return table

    def copy(self) -> SeriesStore:
        """An independent copy: a shared history becomes the start of another run."""
        copied = SeriesStore(self.retention)
        copied._created += self._created
        for name, table in self.tables.items():
            copied.tables[name] = table.copy(copied._created)
        return copied

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The store as arrays for `numpy.savez`; `from_arrays` reads them.

        Examples
        --------
        >>> store = SeriesStore()
        >>> store.table("api", [labels_of(__name__="up")]).append(0, np.array([1.0]))
        >>> sorted(store.arrays())
        ['0.series', '0.times', '0.values', 'tables']
        """
        arrays: dict[str, NDArray[Any]] = {"tables": np.array(list(self.tables), dtype=np.str_)}
        for number, table in enumerate(self.tables.values()):
            arrays[f"{number}.times"] = table.times.copy()
            arrays[f"{number}.values"] = table.values.copy()
            text = [json.dumps(dict(labels), ensure_ascii=False) for labels in table.series]
            arrays[f"{number}.series"] = np.array(text, dtype=np.str_)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> SeriesStore:
        """The store written by `arrays`.

        Examples
        --------
        >>> store = SeriesStore()
        >>> store.table("api", [labels_of(__name__="up")]).append(0, np.array([1.0]))
        >>> SeriesStore.from_arrays(store.arrays()).tables["api"].values.tolist()
        [[1.0]]
        """
        store = cls()
        for number, name in enumerate(arrays["tables"].tolist()):
            series = [labels_of(json.loads(text)) for text in arrays[f"{number}.series"].tolist()]
            table = store.table(name, series)
            times, values = arrays[f"{number}.times"], arrays[f"{number}.values"]
            for t, row in zip(times.tolist(), values.reshape(len(times), len(series)), strict=True):
                table.append(t, row)
        return store
