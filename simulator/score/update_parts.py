"""The arithmetic of status updates: a first one soon, further ones often enough."""

from collections.abc import Sequence
from itertools import pairwise

from simulator.score.utility import TimeLimits, utility


def first_update_part(times: Sequence[float], limits: TimeLimits) -> float:
    """The utility of the time of the first update since the players could know; 0 without any.

    An incident that is over before the limit may be reported after its end.

    Examples
    --------
    >>> limits = TimeLimits(10, 30)
    >>> [round(first_update_part(times, limits), 4) for times in ([10, 40], [20], [])]
    [1.0, 0.3691, 0.0]
    """
    return utility(min(times), limits) if times else 0.0


def coverage_part(length: float, times: Sequence[float], longest: float) -> float:
    """The share of an incident in which the last update was not older than `longest`.

    Both edges count: the time until the first update, and that after the last one.

    Examples
    --------
    >>> [round(coverage_part(120, times, 30), 4) for times in ([10, 40, 70, 100], [10, 90], [])]
    [1.0, 0.5833, 0.25]
    """
    if length <= 0:
        return 1.0
    edges = [0.0, *sorted(t for t in times if 0 < t < length), length]
    return sum(min(later - earlier, longest) for earlier, later in pairwise(edges)) / length


def true_part(true: int, false: int) -> float:
    """The share of the stated facts that were true; nothing stated is nothing false.

    Examples
    --------
    >>> true_part(3, 1), true_part(0, 0)
    (0.75, 1.0)
    """
    return true / (true + false) if true + false else 1.0
