"""Evidently's drift metrics of each column."""

import math
from collections.abc import Sequence
from typing import Any

from simulator.monitors import Column, _extras, part
from simulator.monitors._drift import DriftResult
from simulator.monitors._frames import FrameMonitor


@part
class Evidently(FrameMonitor):
    """Evidently's data drift preset, with its own choice of a test for each column.

    The test gives a distance (`ml_feature_evidently`) or a p-value
    (`ml_feature_evidently_pvalue`), never both. It is slow: 13 s of import, over a second
    an evaluation.
    """

    requires = ("evidently", "evidently")

    method: str = ""
    """Evidently's name of a test (`psi`, `ks`, `wasserstein`, …); its own choice by default."""

    def compare_frames(
        self, old: Any, new: Any, columns: Sequence[Column]
    ) -> dict[str, DriftResult]:
        evidently = _extras.load("evidently", "evidently")
        presets = _extras.load("evidently.presets", "evidently")
        definition = evidently.DataDefinition(
            numerical_columns=[column.name for column in columns if not column.categorical],
            categorical_columns=[column.name for column in columns if column.categorical],
        )
        datasets = [
            evidently.Dataset.from_pandas(rows, data_definition=definition) for rows in (new, old)
        ]
        preset = presets.DataDriftPreset(method=self.method or None)
        return _read(evidently.Report([preset]).run(*datasets).dict())


def _read(report: dict[str, Any]) -> dict[str, DriftResult]:
    """The columns' results in a report.

    Examples
    --------
    >>> config = {"column": "x", "method": "K-S p_value"}
    >>> _read({"metrics": [{"config": config, "value": 0.03}, {"config": {}, "value": {}}]})
    {'x': DriftResult(value=nan, pvalue=0.03)}
    """
    results = {}
    for metric in report["metrics"]:
        config = metric["config"]
        if "column" in config and "method" in config:
            value = float(metric["value"])
            is_pvalue = "p_value" in config["method"]
            results[config["column"]] = (
                DriftResult(math.nan, value) if is_pvalue else DriftResult(value, math.nan)
            )
    return results
