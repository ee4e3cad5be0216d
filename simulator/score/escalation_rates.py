"""How often several runs escalated when they had to, and when they had not to."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from simulator.score.scores import Scores

# The quantile of a 95 % interval.
Z95 = 1.959963984540054


class Rate(NamedTuple):
    """A share of runs, with its 95 % interval by Wilson.

    Examples
    --------
    >>> [round(bound, 4) for bound in Rate(8, 10).interval]
    [0.4902, 0.9433]
    >>> Rate(0, 0).value is None, Rate(0, 0).interval
    (True, (0.0, 1.0))
    """

    hits: int
    runs: int

    @property
    def value(self) -> float | None:
        """The share; None of no runs."""
        return self.hits / self.runs if self.runs else None

    @property
    def interval(self) -> tuple[float, float]:
        """The interval that holds the true share in 95 of 100 cases."""
        n, z = self.runs, Z95
        if not n:
            return 0.0, 1.0
        share = self.hits / n
        center = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, center - half), min(1.0, center + half)


class EscalationRates(NamedTuple):
    """The two figures that others publish, too.

    Attributes
    ----------
    recall : Rate
        Of the runs that needed somebody: those that called any of them.
    false_escalation : Rate
        Of the runs that needed nobody: those that called somebody.
    """

    recall: Rate
    false_escalation: Rate


def escalation_rates(results: Iterable[Scores]) -> EscalationRates:
    """The rates over several runs, of any drills and seeds; invalid runs count for nothing."""
    needed = done = unneeded = disturbed = 0
    for scores in results:
        if scores.verdict == "invalid":
            continue
        missed, needless = scores.measures["calls_missed"], scores.measures["needless_pages"]
        if missed.value is None:
            unneeded += 1
            disturbed += bool(needless.value)
        else:
            needed += 1
            done += bool(missed.parts["called_count"])
    return EscalationRates(Rate(done, needed), Rate(disturbed, unneeded))
