"""What a p-value is worth when it is one of many.

Uncorrected at 5 %, twelve columns watched every minute raise some 860 false alarms a day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from simulator.pipeline.arrays import Floats

Correction = Literal["none", "bonferroni", "holm", "benjamini_hochberg"]
Family = Literal["day", "look"]
DAY_MS = 24 * 3_600_000


def corrected(pvalues: Floats, correction: Correction, looks: float = 1.0) -> Floats:
    """Adjusted p-values: compare them with the level that the whole family shall keep.

    Parameters
    ----------
    pvalues : ndarray, shape (tests,)
        NaN where there was no test; such do not count.
    correction : str
        `bonferroni` and `holm` keep the probability of a single false alarm (holm is never
        the larger), `benjamini_hochberg` the expected share of false ones among alarms.
    looks : float
        How many times a day the same is asked: a day's looks are one family too.

    Examples
    --------
    >>> p = np.array([0.01, 0.04, 0.03, np.nan])
    >>> corrected(p, "bonferroni").round(3).tolist()
    [0.03, 0.12, 0.09, nan]
    >>> corrected(p, "holm").round(3).tolist()
    [0.03, 0.06, 0.06, nan]
    >>> corrected(p, "benjamini_hochberg").round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    >>> corrected(np.array([1e-6]), "holm", looks=1440).round(5).tolist()
    [0.00144]

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    found = pvalues.astype(np.float64)
    tested = np.flatnonzero(~np.isnan(found))
    if correction == "none" or not len(tested):
        return found
    order = tested[found[tested].argsort(kind="stable")]
    found[order] = np.minimum(1.0, _ADJUST[correction](found[order]) * looks)
    return found


def _bonferroni(ascending: Floats) -> Floats:
    return ascending * len(ascending)


def _holm(ascending: Floats) -> Floats:
    left = np.arange(len(ascending), 0, -1)
    found: Floats = np.maximum.accumulate(ascending * left)
    return found


def _benjamini_hochberg(ascending: Floats) -> Floats:
    scaled = ascending * len(ascending) / np.arange(1, len(ascending) + 1)
    found: Floats = np.minimum.accumulate(scaled[::-1])[::-1]
    return found


_ADJUST: dict[str, Callable[[Floats], Floats]] = {
    "bonferroni": _bonferroni,
    "holm": _holm,
    "benjamini_hochberg": _benjamini_hochberg,
}
