"""NannyML's univariate drift of each column."""

import math
from collections.abc import Sequence
from typing import Any, Literal

from simulator.monitors import Column, _extras, part
from simulator.monitors._drift import DriftResult
from simulator.monitors._frames import FrameMonitor


@part
class NannyML(FrameMonitor):
    """NannyML's univariate drift calculator, the window as one chunk.

    It gives distances and no p-values. Import takes 7 s.
    """

    requires = ("nannyml", "nannyml")

    numbers: Literal["jensen_shannon", "wasserstein", "hellinger", "kolmogorov_smirnov"] = (
        "jensen_shannon"
    )
    """The distance of numeric columns."""
    categories: Literal["jensen_shannon", "hellinger", "l_infinity", "chi2"] = "jensen_shannon"
    """The distance of categorical columns."""

    def compare_frames(
        self, old: Any, new: Any, columns: Sequence[Column]
    ) -> dict[str, DriftResult]:
        nannyml = _extras.load("nannyml", "nannyml")
        calculator = nannyml.UnivariateDriftCalculator(
            column_names=[column.name for column in columns],
            treat_as_categorical=[column.name for column in columns if column.categorical],
            continuous_methods=[self.numbers],
            categorical_methods=[self.categories],
            chunk_number=1,
        )
        table = calculator.fit(old).calculate(new).filter(period="analysis").to_df()
        return {
            column.name: DriftResult(float(table[column.name][method]["value"].iloc[0]), math.nan)
            for column in columns
            for method in [self.categories if column.categorical else self.numbers]
        }
