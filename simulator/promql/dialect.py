"""The settings that a query's result depends on besides the samples."""

from typing import NamedTuple


class Dialect(NamedTuple):
    """Version of PromQL and settings of the engine.

    Parameters
    ----------
    version : int
        2 or 3, the major version of Prometheus.
    lookback_delta : int, ms
    step : int, ms
        The default resolution of subqueries.
    epoch : int, ms since 1970
        The wall-clock time of time 0: for `time()`, dates, `@` and the grid of subqueries.
    """

    version: int = 3
    lookback_delta: int = 300_000
    step: int = 60_000
    epoch: int = 0
