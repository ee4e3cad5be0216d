"""Cells of the store that hold no number: two NaN payloads.

`STALE` ends a series at once; `MISSING` means that there is no sample.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STALE_BITS = 0x7FF0000000000002  # Prometheus' own staleness marker
MISSING_BITS = 0x7FF0000000000004  # ours: never written by Prometheus, never by arithmetic
STALE = float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])
MISSING = float(np.array([MISSING_BITS], dtype=np.uint64).view(np.float64)[0])


def is_stale(values: Floats) -> Bools:
    """Whether each cell holds the staleness marker.

    Examples
    --------
    >>> is_stale(np.array([1.0, STALE, MISSING, np.nan])).tolist()
    [False, True, False, False]
    """
    stale: Bools = _bits(values) == STALE_BITS
    return stale


def is_missing(values: Floats) -> Bools:
    """Whether each cell is without a sample.

    Examples
    --------
    >>> is_missing(np.array([1.0, STALE, MISSING, np.nan])).tolist()
    [False, False, True, False]
    """
    missing: Bools = _bits(values) == MISSING_BITS
    return missing


def is_sample(values: Floats) -> Bools:
    """Whether each cell holds a sample; NaN is one, `STALE` and `MISSING` are not.

    Examples
    --------
    >>> is_sample(np.array([1.0, STALE, MISSING, np.nan])).tolist()
    [True, False, False, True]
    """
    bits = _bits(values)
    sample: Bools = (bits != MISSING_BITS) & (bits != STALE_BITS)
    return sample


def _bits(values: Floats) -> Ints:
    return np.ascontiguousarray(values).view(np.int64)
