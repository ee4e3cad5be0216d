"""Kolmogorov-Smirnov test of each numeric column against the reference rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from simulator.monitors import FeatureMonitor, Labelled, Seen
from simulator.pipeline.data import Column
from simulator.pipeline.world import Floats
from simulator.registry import part


@part
class KS(FeatureMonitor):
    """The probability of so large a distance between two samples if nothing had moved.

    p-values are corrected for the number of columns (Bonferroni): uncorrected at 5 %,
    twelve columns watched every minute raise some 860 false alarms a day.
    """

    def _numeric(self, columns: Sequence[Column]) -> list[int]:
        return [i for i in self.watched(columns) if not columns[i].categorical]

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        names = [columns[i].name for i in self._numeric(columns)]
        return [("ml_feature_ks_pvalue", {"feature": name}) for name in names] + [
            ("ml_feature_ks_distance", {"feature": name}) for name in names
        ]

    def look(self, seen: Seen, before: Floats) -> Floats:
        rows = seen.rows(self.window)
        key, reference = seen.reference(self.window)
        columns = self._numeric(seen.columns)
        found = []
        for i in columns:
            old = seen.remember(("ks", key, i), partial(_sorted, reference[:, i]))
            found.append(_compare(old, _sorted(rows[:, i])))
        pvalues = [min(1.0, p * len(columns)) for _, p in found]
        return np.array(pvalues + [distance for distance, _ in found])


def ks(reference: Floats, current: Floats) -> tuple[float, float]:
    """Two-sample Kolmogorov-Smirnov distance and its asymptotic p-value.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
        Nulls are left out.

    Examples
    --------
    >>> distance, p = ks(np.arange(100.0), np.arange(100.0) + 20)
    >>> round(distance, 3), p < 0.05
    (0.2, True)
    """
    return _compare(_sorted(reference), _sorted(current))


def _sorted(values: Floats) -> Floats:
    return np.sort(values[~np.isnan(values)])


def _compare(old: Floats, new: Floats) -> tuple[float, float]:
    if not len(old) or not len(new):
        return float("nan"), float("nan")
    # The gap is widest at a sample: just after one of either, or just before.
    after = np.arange(1, len(new) + 1) / len(new)
    upto = old.searchsorted(new, side="right") / len(old)
    before = old.searchsorted(new, side="left") / len(old)
    last = np.append(new[1:] != new[:-1], True)
    first = np.append(True, new[1:] != new[:-1])
    gap = max(
        np.abs(upto - after)[last].max(), np.abs(before - (after - 1 / len(new)))[first].max()
    )
    distance = float(gap)
    scaled = distance * math.sqrt(len(old) * len(new) / (len(old) + len(new)))
    return distance, kolmogorov(scaled)


def kolmogorov(x: float) -> float:
    """P(K > x) of Kolmogorov's distribution.

    Examples
    --------
    >>> round(kolmogorov(1.3581), 4)
    0.05
    """
    if x < 0.2:  # 1 to 12 digits, where the series below converges slowly
        return 1.0
    total = sum((-1) ** (k - 1) * math.exp(-2.0 * k * k * x * x) for k in range(1, 3 + int(5 / x)))
    return float(min(1.0, max(0.0, 2.0 * total)))
