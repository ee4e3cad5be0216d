"""The earliest that any burn-rate alert could have fired, by the true values of the objectives.

The alerts are those of the Site Reliability Workbook, chapter 5: a page where a budget burns 14.4
times as fast as allowed over an hour and over 5 minutes, or 6 times over 6 hours and 30 minutes.
Before the drill nothing burnt.
"""

import numpy as np

from simulator.analysis.observable_impact import burn_rate
from simulator.analysis.truth import Floats, Truth

MINUTE = 60_000
# Each alert: times as fast as allowed, over a long and a short window, ms.
ALERTS = ((14.4, 60 * MINUTE, 5 * MINUTE), (6.0, 360 * MINUTE, 30 * MINUTE))


def first_burn_alert(truth: Truth, start: int, scrape: int) -> int | None:
    """When the first of the alerts could have fired since `start`, ms; None if none could.

    Only objectives that are ratios have a budget that burns.
    """
    times = []
    for objective in truth.objectives:
        if objective.unit != "ratio" or not objective.has_minimum:
            continue
        burn = burn_rate(objective, np.nan_to_num(truth.values[objective.name]))
        burn = np.where(truth.graded, burn, 0.0)
        for rate, long, short in ALERTS:
            fast = (_mean(burn, long // scrape) >= rate) & (_mean(burn, short // scrape) >= rate)
            at = truth.times[fast & (truth.times >= start)]
            times += [int(at[0])] if len(at) else []
    return min(times, default=None)


def _mean(values: Floats, length: int) -> Floats:
    """The mean of each last `length` values; what is before the first one counts as 0.

    Examples
    --------
    >>> _mean(np.array([4.0, 4.0, 0.0]), 2).tolist()
    [2.0, 4.0, 2.0]
    """
    total = np.concatenate((np.zeros(length), np.cumsum(values)))
    return np.asarray((total[length:] - total[:-length]) / length)
