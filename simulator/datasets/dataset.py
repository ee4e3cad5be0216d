"""A data set in memory: dated rows with labels; and the errors of a user's data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.rows import Column
from simulator.source import Issue


class BadData(ValueError):
    """Errors of a user's data, each at its key of `data:`."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(issue.text for issue in issues))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Dated rows with labels, in order of time if they come from a user's file.

    Attributes
    ----------
    rows : ndarray of float, shape (rows, columns)
        Codes for categories, NaN for nulls.
    label : ndarray of int8, shape (rows,)
    day : ndarray of datetime64[D], shape (rows,)
    hour : ndarray of int, shape (rows,)
        Of the day.
    lag_ms : ndarray of float, shape (rows,)
        Delay of each label.
    logit, effects, latent : ndarray of float, optional
        Where the law of the outcome is known: log-odds, their parts by column, and the
        uniform number that decided each label.
    entity : ndarray of int, optional
        The entity of each row, -1 if unknown.
    notes : tuple of str
        What was inferred from a user's file.
    """

    columns: tuple[Column, ...]
    rows: Floats
    label: NDArray[np.int8]
    day: NDArray[np.datetime64]
    hour: Ints
    lag_ms: Floats
    logit: Floats | None = None
    effects: Floats | None = None
    latent: Floats | None = None
    entity: Ints | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = tuple(
            _with_frequencies(column, self.rows[:, i]) if column.categorical else column
            for i, column in enumerate(self.columns)
        )
        object.__setattr__(self, "columns", columns)

    def between(self, start: str | None, end: str | None) -> Ints:
        """The rows of days in [start, end)."""
        chosen = np.ones(len(self.rows), bool)
        if start:
            chosen &= self.day >= np.datetime64(start)
        if end:
            chosen &= self.day < np.datetime64(end)
        return np.flatnonzero(chosen)


def _with_frequencies(column: Column, values: Floats) -> Column:
    codes = values[~np.isnan(values)].astype(np.int64)
    count = np.bincount(codes, minlength=len(column.levels))
    order = np.argsort(-count, kind="stable")
    return replace(column, by_frequency=tuple(order.tolist()))
