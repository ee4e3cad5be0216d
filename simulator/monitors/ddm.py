"""DDM: an error rate above its minimum."""

from typing import Any, Literal

from simulator.monitors._river import RiverMonitor
from simulator.monitors._units import Rows, Sigmas
from simulator.registry import part


@part
class DDM(RiverMonitor):
    """Drift detection method: the error rate of labelled rows against its minimum so far.

    River's, with its defaults. It detects only a rise.

    References
    ----------
    Gama, J., Medas, P., Castillo, G. and Rodrigues, P. (2004). Learning with drift
    detection.
    """

    on: Literal["errors"] = "errors"
    """It counts errors: 0 or 1."""
    least: Rows = 30
    """Labels before its first test."""
    limit: Sigmas = 3.0
    """The distance from the lowest error rate that counts as drift."""

    def river_detector(self, drift: Any) -> Any:
        return drift.binary.DDM(warm_start=self.least, drift_threshold=self.limit)
