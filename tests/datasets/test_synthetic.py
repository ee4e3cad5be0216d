"""The data set of a known law."""

from __future__ import annotations

import numpy as np

from simulator.datasets import synthetic


def test_a_fixed_label_lag_changes_lags_alone() -> None:
    lognormal, fixed = synthetic.load(300), synthetic.load(300, label_after=120_000)
    assert np.unique(lognormal.lag_ms).size > 250
    assert np.unique(fixed.lag_ms).tolist() == [120_000.0]
    assert np.array_equal(fixed.rows, lognormal.rows)
    assert np.array_equal(fixed.label, lognormal.label)
