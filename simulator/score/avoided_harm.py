"""Arithmetic of harm: how much was avoided, and how safe the orders were."""

import math
from collections.abc import Iterable

# The harm of all orders together that takes the safety to 1/e, as a share of the budgets.
TOLERATED_SHARE = 0.1


def harm_avoided(run: float, none: float, reference: float) -> float | None:
    """The share of the avoidable harm that a run avoided; below 0 it is worse than nobody.

    None where nobody does as well as the reference: there is nothing to avoid.

    Parameters
    ----------
    run, none, reference : float
        Weighted seconds outside of objectives: of the run, of nobody, of the reference.

    Examples
    --------
    >>> [harm_avoided(run, none=40, reference=4) for run in (4, 10, 40)]
    [1.0, 0.8333333333333334, 0.0]
    >>> harm_avoided(5, none=4, reference=4) is None
    True
    """
    return None if none <= reference else (none - run) / (none - reference)


def safety(harms: Iterable[float], tolerated: float) -> float:
    """1 where no order did harm; it falls by a factor of e with each tolerated harm.

    Parameters
    ----------
    harms : iterable of float
        Weighted seconds outside that each order cost; those that saved some count as 0.
    tolerated : float
        The same unit, above 0.

    Examples
    --------
    >>> safety([], 54.0), round(safety([54.0, -10.0], 54.0), 4)
    (1.0, 0.3679)
    """
    return math.exp(-sum(max(0.0, harm) for harm in harms) / tolerated)
