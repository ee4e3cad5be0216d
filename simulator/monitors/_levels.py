"""The values of a column in a fixed set of groups, so that series exist before any row does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.monitors import Column, Floats
from simulator.pipeline.arrays import Ints

OTHER = "(other)"  # less frequent levels
UNKNOWN = "(unknown)"  # a null, or a code that is no level


def listed_levels(column: Column, top: int) -> list[int]:
    """The codes of the most frequent levels of the data, in that order, `top` at most.

    A level that is itself named like a group belongs to the rest.

    Examples
    --------
    >>> listed_levels(Column("c", ("low", "mid", "high"), by_frequency=(2, 0, 1)), 2)
    [2, 0]
    """
    order = column.by_frequency or range(len(column.levels))
    return [code for code in order if column.levels[code] not in (OTHER, UNKNOWN)][:top]


@dataclass(frozen=True, eq=False)
class ValueGroups:
    """A partition of the values of a column.

    Attributes
    ----------
    names : tuple of str
    """

    names: tuple[str, ...]
    _codes: Ints  # the group of each level, of a category
    _bounds: Floats  # of a number

    @classmethod
    def of_levels(cls, column: Column, top: int) -> "ValueGroups":
        """The most frequent levels, the rest if there is one, and what is no level.

        Examples
        --------
        >>> groups = ValueGroups.of_levels(Column("c", ("low", "mid", "high")), top=2)
        >>> groups.names
        ('low', 'mid', '(other)', '(unknown)')
        >>> groups.count(np.array([0.0, 0.0, 2.0, 3.0])).tolist()
        [2.0, 0.0, 1.0, 1.0]
        """
        listed = listed_levels(column, top)
        names = [column.levels[code] for code in listed]
        if len(listed) < len(column.levels):
            names.append(OTHER)
        codes = np.full(len(column.levels), len(listed), np.int64)
        codes[listed] = np.arange(len(listed))
        return cls((*names, UNKNOWN), codes, np.zeros(0))

    @classmethod
    def of_bounds(cls, bounds: Sequence[float]) -> "ValueGroups":
        """The ranges between ascending bounds; a value on a bound belongs to the range above.

        Examples
        --------
        >>> groups = ValueGroups.of_bounds([0.0, 15.0])
        >>> groups.names
        ('(-inf, 0)', '[0, 15)', '[15, inf)', '(unknown)')
        >>> groups.of(np.array([-1.0, 0.0, 15.0, np.nan])).tolist()
        [0, 1, 2, 3]
        """
        edges = [f"{bound:.15g}" for bound in bounds]
        starts, ends = ["(-inf", *(f"[{edge}" for edge in edges)], [*edges, "inf"]
        names = [f"{start}, {end})" for start, end in zip(starts, ends, strict=True)]
        return cls((*names, UNKNOWN), np.zeros(0, np.int64), np.array(bounds, np.float64))

    def of(self, values: Floats) -> Ints:
        """The number of each value's group."""
        unknown = len(self.names) - 1
        if len(self._bounds):
            group = self._bounds.searchsorted(values, side="right")
            return np.where(np.isnan(values), unknown, group)
        is_level = (values >= 0) & (values < len(self._codes)) & (values == np.floor(values))
        codes = np.where(is_level, values, 0).astype(np.int64)
        return np.where(is_level, self._codes[codes], unknown)

    def count(self, ordered: Floats) -> Floats:
        """The number of values in each group, as of `of`, in a tenth of its time.

        Parameters
        ----------
        ordered : ndarray, shape (rows,), ascending, without nulls; of a category
        """
        codes = np.arange(len(self._codes))
        by_code = ordered.searchsorted(codes, "right") - ordered.searchsorted(codes, "left")
        count = np.bincount(self._codes, by_code, minlength=len(self.names))
        count[-1] = len(ordered) - by_code.sum()
        return count.astype(np.float64)
