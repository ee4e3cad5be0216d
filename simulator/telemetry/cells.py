"""What a cell of the store holds where it holds no number: two NaN payloads.

`STALE` ends a series at once, `MISSING` is no sample at all.
"""

from __future__ import annotations

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
    """Which cells hold the marker that ends a series.

    Examples
    --------
    >>> is_stale(np.array([1.0, STALE, MISSING, np.nan])).tolist()
    [False, True, False, False]
    """
    found: Bools = _bits(values) == STALE_BITS
    return found


def is_missing(values: Floats) -> Bools:
    """Which cells hold no sample at all.

    Examples
    --------
    >>> is_missing(np.array([1.0, STALE, MISSING, np.nan])).tolist()
    [False, False, True, False]
    """
    found: Bools = _bits(values) == MISSING_BITS
    return found


def is_sample(values: Floats) -> Bools:
    """Which cells hold a number (NaN is one; stale and missing are none).

    Examples
    --------
    >>> is_sample(np.array([1.0, STALE, MISSING, np.nan])).tolist()
    [True, False, False, True]
    """
    bits = _bits(values)
    found: Bools = (bits != MISSING_BITS) & (bits != STALE_BITS)
    return found


def _bits(values: Floats) -> Ints:
    return np.ascontiguousarray(values).view(np.int64)
