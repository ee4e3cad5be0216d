"""Base of drift detectors: a statistic and a corrected p-value for each column."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.monitors import FeatureMonitor, Floats
from simulator.monitors._corrections import DAY_MS, Correction, Family, adjusted_pvalues


class DriftResult(NamedTuple):
    """A drift statistic, and the probability of one as large without drift."""

    value: float
    pvalue: float


NO_RESULT = DriftResult(math.nan, math.nan)


class DriftMonitor(FeatureMonitor):
    """Base of monitors whose p-values are corrected for the number of tests."""

    correction: Correction = "holm"
    """How p-values allow for many tests: none, bonferroni, holm or benjamini_hochberg."""
    family: Family = "day"
    """Tests corrected together: the columns of one evaluation (`look`), or those of a `day`."""

    @property
    def evaluations_per_family(self) -> float:
        """How many evaluations share one significance level."""
        return max(1.0, DAY_MS / self.every) if self.family == "day" else 1.0

    def adjusted(self, results: Sequence[DriftResult]) -> Floats:
        """The corrected p-values of one evaluation."""
        pvalues = np.array([result.pvalue for result in results])
        return adjusted_pvalues(pvalues, self.correction, self.evaluations_per_family)
