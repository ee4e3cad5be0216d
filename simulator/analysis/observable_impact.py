"""The impact of an incident that anybody can observe, at every scrape: what severities go by.

An undefined value counts as 0, as nothing was served.
"""

import math
from typing import NamedTuple, Self

import numpy as np

from simulator.analysis.truth import Bools, Floats, Objective, Times, Truth
from simulator.run.header import ImpactBound

# Of objectives that are inside, for how long they have been outside.
INSIDE = -1
# Served .95 of .995 is a burn of 9.999999999999991.
ROUNDING = 1.0 - 1e-9


class ObservableImpact(NamedTuple):
    """The observable impact, shape (scrapes,) each.

    Attributes
    ----------
    burn : ndarray
        How many times as fast as allowed the budget of the worst ratio burns, over its window.
    customers : ndarray
        The share of requests that got no answer, or a wrong one beyond the share that is allowed.
    outside : ndarray, ms
        How long the objective has been outside that has been longest; INSIDE if none is.
    """

    burn: Floats
    customers: Floats
    outside: Times

    @classmethod
    def of(cls, truth: Truth) -> Self:
        """The impact by the objectives of a run; there is none in the warm-up."""
        graded, values = truth.graded, {n: np.nan_to_num(v) for n, v in truth.values.items()}
        burn, outside = np.zeros(len(truth.times)), np.full(len(truth.times), INSIDE)
        answered, wrong = values.get("availability", np.ones(len(truth.times))), 0.0 * burn
        for objective in truth.objectives:
            if objective.unit == "ratio" and objective.has_minimum:
                burn = np.maximum(burn, burn_rate(objective, values[objective.name]))
            if objective.name == "accuracy" and objective.has_minimum:
                wrong = np.maximum(0.0, objective.low - values["accuracy"])
            held = truth.inside[objective.name] | ~graded
            outside = np.maximum(outside, _time_outside(truth.times, held))
        customers = 1.0 - answered + answered * wrong
        return cls(np.where(graded, burn, 0.0), np.where(graded, customers, 0.0), outside)

    def reaches(self, bound: ImpactBound) -> Bools:
        """Where the impact reaches a bound, shape (scrapes,)."""
        if bound.burn is not None:
            return self.burn >= bound.burn * ROUNDING
        if bound.customers is not None:
            return self.customers >= bound.customers * ROUNDING
        return self.outside >= (bound.outside or 0)


def burn_rate(objective: Objective, values: Floats) -> Floats:
    """How many times as fast as a ratio's minimum allows its budget burns.

    Examples
    --------
    Of requests 5 % fail where .5 % may:

    >>> burn_rate(Objective("availability", low=0.995), np.array([1.0, 0.95])).round(6).tolist()
    [0.0, 10.0]
    """
    missing, allowed = 1.0 - values, 1.0 - objective.low
    if allowed <= 0:
        return np.where(missing > 0, math.inf, 0.0)
    return np.asarray(missing / allowed)


def _time_outside(times: Times, held: Bools) -> Times:
    """How long an objective has been outside at each scrape, ms; INSIDE where it holds.

    Examples
    --------
    >>> held = np.array([True, False, False, True, False])
    >>> _time_outside(np.arange(0, 75, 15), held).tolist()
    [-1, 0, 15, -1, 0]
    """
    scrapes = np.arange(len(times))
    first_outside = np.maximum.accumulate(np.where(held, scrapes, -1)) + 1
    since = times[np.minimum(first_outside, len(times) - 1)]
    return np.where(held, INSIDE, times - since)
