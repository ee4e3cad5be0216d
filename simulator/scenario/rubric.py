"""The format of rubrics: time limits, and the weights of the index."""

from typing import Literal, Self

from pydantic import model_validator

from simulator.scenario.base import Frozen, Name
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, format_ms


class Limits(Frozen):
    """The range from full marks to no marks."""

    good: Duration
    """Full marks up to here."""
    limit: Duration
    """No marks from here on."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        # SCORING: good is at least 1 s and the limit at least twice that.
        if self.good < 1000:
            raise_issues([Issue(("good",), f"given {format_ms(self.good)!r}, expected 1s or more")])
        if self.limit < 2 * self.good:
            text = f"given {format_ms(self.limit)!r}, expected twice good or more"
            raise_issues([Issue(("limit",), text)])
        return self


class Times(Frozen):
    """Time limits that neither objectives nor twins set."""

    acknowledge: Limits = Limits.model_construct(good=60_000, limit=900_000)
    """From the page to its acknowledgement.

    A page that somebody of the team saw has to be acknowledged if `good` is left before the end of
    the drill, one that none of them saw if `limit` is.
    """


class Weights(Frozen):
    """The share of each capability in the index; they add up to 1."""

    detection: Ratio = 0.0
    """Noticing the incident."""
    acknowledgement: Ratio = 0.0
    """Acknowledging the page."""
    diagnosis: Ratio = 0.0
    """Naming the cause."""
    mitigation: Ratio = 0.0
    """Ending the harm."""
    recovery: Ratio = 0.0
    """Paying the debts."""
    escalation: Ratio = 0.0
    """Paging the right people in time."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(getattr(self, name) for name in type(self).model_fields)
        if abs(total - 1) > 1e-6:
            raise_issues([Issue((), f"add up to {total:g}, expected 1")])
        return self


class Rubric(Frozen):
    """How a run is graded.

    The verdict uses the limits of acknowledgement. Ratings and the index, which will use the rest,
    are not computed yet: scores.json has null for them.
    """

    rubric: Literal[1]
    """The version of this format."""
    name: Name
    """The rubric's name."""
    time: Times = Times()
    """Time limits."""
    weights: Weights
    """The share of each capability in the index."""
