"""The utility of a time: 1 up to a good time, 0 from a limit on, logarithmic between them."""

import math
from typing import NamedTuple

MIN_GOOD = 1000  # ms: a good time of zero has no logarithm


class TimeLimits(NamedTuple):
    """Full marks up to `good`, none from `limit` on, both in ms.

    Examples
    --------
    >>> TimeLimits.of(0, 1500)
    TimeLimits(good=1000, limit=2000)
    """

    good: float
    limit: float

    @classmethod
    def of(cls, good: float, limit: float) -> "TimeLimits":
        """Limits that are valid: good at least 1 s, and the limit at least twice that."""
        good = max(good, MIN_GOOD)
        return cls(good, max(limit, 2 * good))


def utility(t: float | None, limits: TimeLimits) -> float:
    """The utility of a time, 0 to 1; of one that never came, 0.

    Parameters
    ----------
    t : float or None, ms

    Examples
    --------
    >>> limits = TimeLimits(5 * 60_000, 60 * 60_000)
    >>> [round(utility(minutes * 60_000, limits), 4) for minutes in (1, 5, 10, 15, 30, 60)]
    [1.0, 1.0, 0.7211, 0.5579, 0.2789, 0.0]
    """
    if t is None or t >= limits.limit:
        return 0.0
    if t <= limits.good:
        return 1.0
    return 1 - math.log(t / limits.good) / math.log(limits.limit / limits.good)
