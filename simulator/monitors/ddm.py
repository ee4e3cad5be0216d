"""DDM: an error rate that rises above its lowest."""

from __future__ import annotations

from typing import Any, Literal

from simulator.monitors._river import RiverMonitor
from simulator.monitors._units import Rows, Sigmas
from simulator.registry import part


@part
class DDM(RiverMonitor):
    """Drift detection method: the error rate of labelled rows against the lowest so far.

    River's, with its defaults. It finds only a rise.

    References
    ----------
    Gama, J., Medas, P., Castillo, G. and Rodrigues, P. (2004). Learning with drift
    detection.
    """

    on: Literal["errors"] = "errors"
    """It counts errors: 0 or 1."""
    least: Rows = 30
    """Labels before it may find anything."""
    limit: Sigmas = 3.0
    """How far above the lowest error rate counts as drift."""

    def detector(self, drift: Any) -> Any:
        return drift.binary.DDM(warm_start=self.least, drift_threshold=self.limit)
