"""A profile of each column: what its values are, whatever they were before."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.monitors import Column, FeatureMonitor, Floats, MonitorView, SeriesName, part
from simulator.monitors._levels import ValueGroups
from simulator.monitors._units import LevelCount

PROBABILITIES = (0.01, 0.1, 0.5, 0.9, 0.99)


@part
class ColumnProfile(FeatureMonitor):
    """Mean, spread and quantiles of numbers, the shares of levels of categories, in the window.

    Drift detectors tell that a column changed, a profile how: an hour in place of a minute is a
    mean of a sixtieth, an encoding is a share of `(unknown)` levels, a default is a share of
    zeros. Nulls count nowhere. The most frequent levels of the data have a series each, the
    others one together, so that the series do not depend on the rows.
    """

    top: LevelCount = 5
    """How many levels of a category have series of their own."""

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        names: list[SeriesName] = []
        for i in self.column_indices(columns):
            own = {"feature": columns[i].name}
            names += [(f"ml_feature_{name}", own) for name in ("present_rows", "distinct_values")]
            if columns[i].categorical:
                groups = ValueGroups.of_levels(columns[i], self.top)
                names += [
                    ("ml_feature_level_ratio", {**own, "level": name}) for name in groups.names
                ]
                continue
            names += [
                (f"ml_feature_{name}", own)
                for name in ("mean", "stddev", "zero_ratio", "min", "max")
            ]
            names += [
                ("ml_feature_quantile", {**own, "quantile": f"{probability:g}"})
                for probability in PROBABILITIES
            ]
        return names

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        profiles: list[Any] = []
        for i in self.column_indices(view.columns):
            values = view.sorted_column(self.window, i)
            profiles.append([float(len(values)), distinct_values(values)])
            if view.columns[i].categorical:
                count = ValueGroups.of_levels(view.columns[i], self.top).count(values)
                profiles.append(count / len(values) if len(values) else count * np.nan)
            else:
                profiles.append(profile_numbers(values))
        return np.concatenate([np.zeros(0), *profiles])


def distinct_values(ordered: Floats) -> float:
    """The number of different values among ascending ones.

    Examples
    --------
    >>> distinct_values(np.array([0.0, 0.0, 7.0])), distinct_values(np.zeros(0))
    (2.0, 0.0)
    """
    return float(min(len(ordered), 1) + np.count_nonzero(ordered[1:] != ordered[:-1]))


def profile_numbers(ordered: Floats) -> Floats:
    """Mean, standard deviation, share of zeros, least, greatest, and the quantiles; NaN of none.

    Parameters
    ----------
    ordered : ndarray, shape (rows,), ascending, without nulls

    Examples
    --------
    >>> profile_numbers(np.array([0.0, 10.0, 20.0])).round(2).tolist()
    [10.0, 8.16, 0.33, 0.0, 20.0, 0.2, 2.0, 10.0, 18.0, 19.8]
    """
    if not len(ordered):
        return np.full(5 + len(PROBABILITIES), np.nan)
    first, last = ordered.searchsorted(0.0, "left"), ordered.searchsorted(0.0, "right")
    zeros = (last - first) / len(ordered)
    mean = ordered.mean()
    deviations = ordered - mean
    # A third of the time of `std`, which computes the mean again.
    stddev = math.sqrt(np.dot(deviations, deviations) / len(ordered))
    moments = [mean, stddev, zeros, ordered[0], ordered[-1]]
    return np.concatenate([moments, quantiles(ordered)])


def quantiles(ordered: Floats) -> Floats:
    """The quantiles of `PROBABILITIES`: NumPy's, without its sort and in a tenth of its time."""
    place = np.array(PROBABILITIES) * (len(ordered) - 1)
    below = place.astype(np.int64)
    low, high = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    return low + (high - low) * (place - below)
