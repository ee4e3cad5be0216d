"""The seven parts of an escalation and their product: arithmetic only.

The product is geometric: an arithmetic mean gives .85 to a perfect page with an empty hand-off.
"""

import math
from typing import NamedTuple

WEIGHTS = {
    "decision": 0.20,
    "target": 0.20,
    "timeliness": 0.20,
    "severity": 0.15,
    "handoff": 0.15,
    "hops": 0.05,
    "acceptance": 0.05,
}
# One part that is 0 must not hide what the others were.
FLOOR = 0.01
# Each hop too many costs three tenths of what is left.
HOP = 0.7
# A severity that is too low keeps away who is needed; one that is too high disturbs.
TOO_LOW, TOO_HIGH, SEVERITIES = 2, 1, 5


class EscalationParts(NamedTuple):
    """The parts of an escalation, 0 to 1 each.

    Examples
    --------
    >>> round(EscalationParts(handoff=0.0).quality, 4)
    0.5012
    """

    decision: float = 1.0
    target: float = 1.0
    timeliness: float = 1.0
    severity: float = 1.0
    handoff: float = 1.0
    hops: float = 1.0
    acceptance: float = 1.0

    @property
    def quality(self) -> float:
        """The weighted geometric mean of the parts."""
        parts = self._asdict()
        return math.prod(math.pow(max(FLOOR, parts[name]), w) for name, w in WEIGHTS.items())


def decision_part(needed: bool, done: bool) -> float:
    """Whether it was right to escalate, or not to.

    Examples
    --------
    >>> cases = ((True, True), (True, False), (False, True), (False, False))
    >>> [decision_part(needed, done) for needed, done in cases]
    [1.0, 0.0, 0.5, 1.0]
    """
    if needed:
        return 1.0 if done else 0.0
    return 0.5 if done else 1.0


def f_score(true: int, false: int, missing: int, beta: float = 1.0) -> float:
    """The F score of counts: a beta above 1 weighs what is missing more; nothing to find gives 1.

    Examples
    --------
    >>> round(f_score(true=6, false=0, missing=3), 4)
    0.8
    >>> [round(f_score(*counts, beta=2), 4) for counts in ((1, 1, 0), (1, 0, 1), (0, 1, 1))]
    [0.8333, 0.5556, 0.0]
    """
    if not true and not false and not missing:
        return 1.0
    weight = beta * beta
    return (1 + weight) * true / ((1 + weight) * true + weight * missing + false)


def severity_credit(declared: int, right: int) -> float:
    """The credit of a declared severity beside the right one, by their numbers.

    Examples
    --------
    >>> [severity_credit(declared, 3) for declared in (3, 4, 2, 5, 1)]
    [1.0, 0.5, 0.75, 0.0, 0.5]
    """
    factor = TOO_LOW if declared > right else TOO_HIGH
    return max(0.0, 1 - factor * abs(declared - right) / (SEVERITIES - 1))


def hops_part(extra: int) -> float:
    """The credit of hops beyond the fewest possible.

    Examples
    --------
    >>> [round(hops_part(extra), 2) for extra in (0, 1, 2)]
    [1.0, 0.7, 0.49]
    """
    return HOP ** max(0, extra)
