"""Multiple-testing corrections of p-values.

Uncorrected at 5 %, twelve columns watched every minute raise some 860 false alarms a day.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from simulator.pipeline.arrays import Floats

Correction = Literal["none", "bonferroni", "holm", "benjamini_hochberg"]
Family = Literal["day", "look"]
DAY_MS = 24 * 3_600_000


def adjusted_pvalues(pvalues: Floats, correction: Correction, evaluations: float = 1.0) -> Floats:
    """Adjusted p-values, to be compared with the significance level of the whole family.

    Parameters
    ----------
    pvalues : ndarray, shape (tests,)
        NaN where there was no test; those do not count.
    correction : str
        `bonferroni` and `holm` bound the probability of a single false alarm (holm is never
        the larger), `benjamini_hochberg` the expected share of false ones among alarms.
    evaluations : float
        How many times the tests are repeated in a family: all of a day are one family too.

    Examples
    --------
    >>> p = np.array([0.01, 0.04, 0.03, np.nan])
    >>> adjusted_pvalues(p, "bonferroni").round(3).tolist()
    [0.03, 0.12, 0.09, nan]
    >>> adjusted_pvalues(p, "holm").round(3).tolist()
    [0.03, 0.06, 0.06, nan]
    >>> adjusted_pvalues(p, "benjamini_hochberg").round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    >>> adjusted_pvalues(np.array([1e-6]), "holm", evaluations=1440).round(5).tolist()
    [0.00144]

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    adjusted = pvalues.astype(np.float64)
    tested = np.flatnonzero(~np.isnan(adjusted))
    if correction == "none" or not len(tested):
        return adjusted
    order = tested[adjusted[tested].argsort(kind="stable")]
    adjusted[order] = np.minimum(1.0, _ADJUST[correction](adjusted[order]) * evaluations)
    return adjusted


def _bonferroni(ascending: Floats) -> Floats:
    return ascending * len(ascending)


def _holm(ascending: Floats) -> Floats:
    return np.maximum.accumulate(ascending * np.arange(len(ascending), 0, -1))


def _benjamini_hochberg(ascending: Floats) -> Floats:
    scaled = ascending * len(ascending) / np.arange(1, len(ascending) + 1)
    return np.minimum.accumulate(scaled[::-1])[::-1]


_ADJUST: dict[str, Callable[[Floats], Floats]] = {
    "bonferroni": _bonferroni,
    "holm": _holm,
    "benjamini_hochberg": _benjamini_hochberg,
}
