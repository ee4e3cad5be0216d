"""What was scraped, as columns: one table per scrape group, one scrape is one row.

All series of a scrape group share their timestamps, so a table holds one column of times
(int64, ms of simulated time) and a time-major matrix of float64. A range of time is then a
contiguous slice of rows, whatever the number of series; what was newest is in its `head`.
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
from simulator.telemetry.newest import Head

__all__ = [
    "MISSING",
    "STALE",
    "Bools",
    "Floats",
    "Ints",
    "Labels",
    "SeriesStore",
    "SeriesTable",
    "is_missing",
    "is_sample",
    "is_stale",
    "labels_of",
]

Labels = tuple[tuple[str, str], ...]

ROWS = 256  # a new table's room: an hour at one scrape in 15 s
COLUMNS = 32  # columns grow in blocks, so that a series that turns up late is cheap


def labels_of(labels: Mapping[str, str] | None = None, /, **more: str) -> Labels:
    """A label set in its one canonical form: sorted by name, empty values left out.

    Examples
    --------
    >>> labels_of({"__name__": "up"}, job="api", zone="")
    (('__name__', 'up'), ('job', 'api'))
    """
    merged = {**(labels or {}), **more}
    return tuple(sorted((name, value) for name, value in merged.items() if value != ""))


class Index:
    """Where the series of each metric lie, in the order in which they came.

    A selector asks by the metric's name, None for all: it looks at what is new to it, not at
    every series again.
    """

    def __init__(self) -> None:
        self.places: dict[str | None, list[tuple[SeriesTable, int]]] = {None: []}

    def add(self, table: SeriesTable, labels: Labels, column: int) -> None:
        """A new series in a column of a table."""
        place = (table, column)
        self.places[None].append(place)
        name = next((value for key, value in labels if key == "__name__"), "")
        self.places.setdefault(name, []).append(place)

    def of(self, name: str | None) -> Sequence[tuple[SeriesTable, int]]:
        """The series of this metric; of all where it is None."""
        return self.places.get(name, ())

    def follow(self, other: Index, tables: Mapping[str, SeriesTable]) -> None:
        """Put the series in the order of another index, whose tables these are copies of."""
        for name, places in other.places.items():
            self.places[name] = [(tables[table.name], column) for table, column in places]


class SeriesTable:
    """The samples of the series that are scraped together.

    Parameters
    ----------
    name : str
    series : sequence of Labels
        The first columns; more may come with `ensure_columns`.

    Examples
    --------
    >>> table = SeriesTable("api", [labels_of(__name__="up", job="api")])
    >>> table.append(0, np.array([1.0]))
    >>> table.append(15_000, np.array([0.0]))
    >>> table.times.tolist(), table.values[:, 0].tolist()
    ([0, 15000], [1.0, 0.0])
    """

    def __init__(
        self, name: str, series: Sequence[Labels] = (), index: Index | None = None
    ) -> None:
        self.name = name
        self.index = Index() if index is None else index
        self.series: list[Labels] = []
        self.column: dict[Labels, int] = {}
        self.retention: int | None = None
        self._first = 0  # live rows are _first.._end
        self._end = 0
        self._times: Ints = np.zeros(ROWS, dtype=np.int64)
        self._values: Floats = np.full((ROWS, max(len(series), 1)), MISSING)
        self.head = Head(self._values.shape[1])
        self.ensure_columns(series)

    @property
    def times(self) -> Ints:
        """When each row was scraped, ms, ascending; a view."""
        return self._times[self._first : self._end]

    @property
    def values(self) -> Floats:
        """The rows, shape (rows, columns); a view."""
        return self._values[self._first : self._end, : len(self.series)]

    def append(self, t: int, row: Floats) -> None:
        """Write one scrape: a value for every column, MISSING where there is no sample."""
        self._open(t)
        self._values[self._end - 1, : len(row)] = row
        self.head.scrape(t, row)

    def put(self, t: int, columns: Ints | slice, values: Floats | float) -> None:
        """Write samples of some columns at t, in the last row if it is of the same time.

        Examples
        --------
        >>> table = SeriesTable("rules", [labels_of(__name__="a"), labels_of(__name__="b")])
        >>> table.put(0, np.array([0]), 1.0); table.put(0, np.array([1]), 2.0)
        >>> table.values.tolist()
        [[1.0, 2.0]]
        """
        if self._end == self._first or self._times[self._end - 1] != t:
            self._open(t)
        self._values[self._end - 1, columns] = values
        self.head.write(t, columns, values)

    def put_missing(self, t: int, columns: Ints | slice, values: Floats | float) -> None:
        """Write those of the columns that hold nothing at t: of two writers the first is kept.

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
        """Give series columns, new ones where they have none; return the column numbers."""
        for labels in series:
            if labels not in self.column:
                self.column[labels] = len(self.series)
                self.index.add(self, labels, len(self.series))
                self.series.append(labels)
        if len(self.series) > self._values.shape[1]:
            room = -(-len(self.series) * 5 // (4 * COLUMNS)) * COLUMNS
            wider = np.full((len(self._times), room), MISSING)
            wider[:, : self._values.shape[1]] = self._values
            self._values = wider
            self.head.widen(room)
        return np.array([self.column[labels] for labels in series], dtype=np.int64)

    def copy(self, index: Index | None = None) -> SeriesTable:
        """A table of its own with the same rows."""
        twin = SeriesTable(self.name, (), index)
        twin.retention = self.retention
        twin.ensure_columns(self.series)
        twin._first, twin._end = 0, self._end - self._first
        room = max(ROWS, twin._end * 5 // 4)
        twin._times = np.empty(room, dtype=np.int64)
        twin._values = np.empty((room, self._values.shape[1]))
        twin._times[: twin._end] = self.times
        twin._values[: twin._end] = self._values[self._first : self._end]
        twin.head = self.head.copy()
        return twin

    def _open(self, t: int) -> None:
        if self._end > self._first and t <= self._times[self._end - 1]:
            last = int(self._times[self._end - 1])
            raise ValueError(f"table {self.name!r}: a row at {t} ms after one at {last} ms")
        if self.retention is not None and self._end == len(self._times):
            kept = int(self._times.searchsorted(t - self.retention))
            self._first = max(self._first, min(kept, self._end))
        if self._end == len(self._times):
            self._make_room()
        self._times[self._end] = t
        self._values[self._end] = MISSING
        self._end += 1

    def _make_room(self) -> None:
        live = self._end - self._first
        full = len(self._times)
        room = max(ROWS, full if live <= full // 2 else full * 2)
        times = np.empty(room, dtype=np.int64)
        values = np.empty((room, self._values.shape[1]))
        times[:live] = self.times
        values[:live] = self._values[self._first : self._end]
        self._times, self._values, self._first, self._end = times, values, 0, live


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
    >>> twin = store.copy()
    >>> twin.table("api").append(15_000, np.array([0.0]))
    >>> len(up.times), len(twin.table("api").times)
    (1, 2)
    """

    def __init__(self, retention: int | None = None) -> None:
        self.retention = retention
        self.tables: dict[str, SeriesTable] = {}
        self.index = Index()

    @property
    def version(self) -> int:
        """Grows whenever a series is new, so that plans know when to look again."""
        return len(self.index.places[None])

    def table(self, name: str, series: Sequence[Labels] = ()) -> SeriesTable:
        """The table of that name, made when there is none, with columns for these series."""
        found = self.tables.get(name)
        if found is None:
            found = self.tables[name] = SeriesTable(name, series, self.index)
            found.retention = self.retention
        elif series:
            found.ensure_columns(series)
        return found

    def copy(self) -> SeriesStore:
        """An independent copy: a shared history becomes the start of another run."""
        twin = SeriesStore(self.retention)
        twin.tables = {name: table.copy(twin.index) for name, table in self.tables.items()}
        twin.index.follow(self.index, twin.tables)
        return twin

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
        """The store that `arrays` wrote.

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
