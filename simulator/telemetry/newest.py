"""The newest sample of each series of a table, so that what rules ask most needs no search."""

from __future__ import annotations

import numpy as np

from simulator.telemetry.cells import MISSING, Bools, Floats, Ints, is_missing, is_stale

NEVER = -(2**62)  # ms: before any time that a query may ask for


class Head:
    """The newest sample, or stale marker, of each column, and when it was taken.

    Attributes
    ----------
    writes : int
        Grows with every write: what was made of the table's samples holds while it stays.

    Examples
    --------
    >>> head = Head(2)
    >>> head.scrape(0, np.array([1.0, 5.0]))
    >>> head.scrape(15_000, np.array([2.0, MISSING]))
    >>> values, present = head.since(10_000)
    >>> values.tolist(), present.tolist()
    ([[2.0, 5.0]], [[True, False]])
    """

    def __init__(self, columns: int) -> None:
        self.values: Floats = np.full(columns, MISSING)
        self.times: Ints = np.full(columns, NEVER)
        self.writes = 0
        self._asked = (0, -1)
        self._answer: tuple[Floats, Bools]

    def scrape(self, t: int, row: Floats) -> None:
        """A row of the first columns, taken at t, ms; a cell that is `MISSING` is no sample."""
        self.writes += 1
        there = ~is_missing(row)
        np.copyto(self.values[: len(row)], row, where=there)
        np.copyto(self.times[: len(row)], t, where=there)

    def write(self, t: int, columns: Ints | slice, values: Floats | float) -> None:
        """Samples of some columns, taken at t, ms; none of them `MISSING`."""
        self.writes += 1
        self.values[columns] = values
        self.times[columns] = t

    def widen(self, columns: int) -> None:
        """Make room for so many columns in all."""
        more = columns - len(self.values)
        self.values = np.concatenate((self.values, np.full(more, MISSING)))
        self.times = np.concatenate((self.times, np.full(more, NEVER)))
        self.writes += 1

    def copy(self) -> Head:
        """A head of its own with the same samples."""
        twin = Head(0)
        twin.values, twin.times = self.values.copy(), self.times.copy()
        return twin

    def since(self, oldest: int) -> tuple[Floats, Bools]:
        """Every column's newest value, and whether it is a sample no older than `oldest`, ms.

        Both of shape (1, columns) and not to be written to: all who ask get the same.
        """
        asked = (oldest, self.writes)
        if asked != self._asked:
            values, present = self.values[None].copy(), (self.times >= oldest)[None]
            present &= ~is_stale(values)
            values.flags.writeable = present.flags.writeable = False
            self._asked, self._answer = asked, (values, present)
        return self._answer
