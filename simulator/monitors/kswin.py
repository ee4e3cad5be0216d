"""KSWIN: the newest values of a window against the others."""

from typing import Any, Self

from pydantic import model_validator

from simulator.monitors._river import RiverMonitor
from simulator.monitors._units import Rows, Seed
from simulator.registry import part
from simulator.source import Issue, raise_issues
from simulator.units import Ratio


@part
class KSWIN(RiverMonitor):
    """A Kolmogorov-Smirnov test inside a sliding window: detects changes of spread too.

    River's. It takes 0.7 ms a value, so by default it takes one mean an evaluation; on
    `errors` it takes every label, 0.3 s of every minute at 500 a minute.

    References
    ----------
    Raab, C., Heusinger, M. and Schleif, F.-M. (2020). Reactive soft prototype computing for
    concept drift streams.
    """

    has_pvalue = True

    alpha: Ratio = 0.005
    """The p-value that counts as drift; keep it below .01."""
    size: Rows = 100
    """Values in the window."""
    newest: Rows = 30
    """The newest of these, compared with as many of the others."""
    seed: Seed = 1
    """The seed of the draw of the others."""

    @model_validator(mode="after")
    def _newest_fit(self) -> Self:
        if 2 * self.newest > self.size:
            text = f"given {self.newest}, expected at most half of size ({self.size})"
            raise_issues([Issue(("newest",), text)])
        return self

    def river_detector(self, drift: Any) -> Any:
        return drift.KSWIN(
            alpha=self.alpha, window_size=self.size, stat_size=self.newest, seed=self.seed
        )
