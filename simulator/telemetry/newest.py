"""The newest sample of each series of a table: instant queries for now need no search."""

from __future__ import annotations

import numpy as np

from simulator.telemetry.cells import MISSING, Bools, Floats, Ints, is_missing, is_stale

NEVER = -(2**62)  # ms: before any time that a query may ask for


class NewestSamples:
    """The newest sample, or staleness marker, of each column, and its time.

    Attributes
    ----------
    writes : int
        Grows with every write: results computed from the table hold while it stays the same.

    Examples
    --------
    >>> newest = NewestSamples(2)
    >>> newest.append(0, np.array([1.0, 5.0]))
    >>> newest.append(15_000, np.array([2.0, MISSING]))
    >>> values, present = newest.since(10_000)
    >>> values.tolist(), present.tolist()
    ([[2.0, 5.0]], [[True, False]])
    """

    def __init__(self, columns: int) -> None:
        self.values: Floats = np.full(columns, MISSING)
        self.times: Ints = np.full(columns, NEVER)
        self.writes = 0
        self._cache_key = (0, -1)
        self._cached: tuple[Floats, Bools]

    def append(self, t: int, row: Floats) -> None:
        """A row of the first columns, scraped at t, ms; `MISSING` cells are skipped."""
        self.writes += 1
        present = ~is_missing(row)
        np.copyto(self.values[: len(row)], row, where=present)
        np.copyto(self.times[: len(row)], t, where=present)

    def write(self, t: int, columns: Ints | slice, values: Floats | float) -> None:
        """Samples of some columns at t, ms; none of them `MISSING`."""
        self.writes += 1
        self.values[columns] = values
        self.times[columns] = t

    def add_columns(self, columns: int) -> None:
        """Make room for `columns` columns in all."""
        added = columns - len(self.values)
        self.values = np.concatenate((self.values, np.full(added, MISSING)))
        self.times = np.concatenate((self.times, np.full(added, NEVER)))
        self.writes += 1

    def copy(self) -> NewestSamples:
        """An independent copy."""
        copied = NewestSamples(0)
        copied.values, copied.times = self.values.copy(), self.times.copy()
        return copied

    def since(self, oldest: int) -> tuple[Floats, Bools]:
        """Every column's newest value, and whether it is a sample no older than `oldest`, ms.

        Both have shape (1, columns) and are read-only: all callers share them.
        """
        key = (oldest, self.writes)
        if key != self._cache_key:
            values, present = self.values[None].copy(), (self.times >= oldest)[None]
            present &= ~is_stale(values)
            values.flags.writeable = present.flags.writeable = False
            self._cache_key, self._cached = key, (values, present)
        return self._cached
