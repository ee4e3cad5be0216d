"""How many replicas there are and how they are replaced, as an author writes it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Factor, Ratio


class Autoscaler(Frozen):
    """As many replicas as keep the use of their places near a target, as an HPA does it."""

    min: Positive
    """The fewest."""
    max: Positive
    """The most; no more than `replicas_max`."""
    target: Annotated[Ratio, Field(gt=0)] = 0.7
    """The share of the places for requests that is to be in use."""
    tolerance: Ratio = 0.1
    """How far use over target may be from 1 before anything is done."""
    sync: Duration = 15_000
    """How often it looks."""
    stabilisation: Duration = 300_000
    """How long what was needed is remembered before replicas are taken away."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrongs = []
        if self.min > self.max:
            wrongs.append(Issue(("min",), f"given {self.min}, above max ({self.max})"))
        if self.sync == 0:
            wrongs.append(Issue(("sync",), "given '0s', expected more"))
        raise_issues(wrongs)
        return self


class Rollout(Frozen):
    """How the replicas of one build give way to those of the next, as in a Deployment."""

    max_surge: Annotated[Count, Field(le=1000)] = 0
    """Replicas that there may be on top for its time, above `replicas_max` too."""
    max_unavailable: Count = 1
    """Replicas that may be missing for its sake."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if not self.max_surge + self.max_unavailable:
            raise_issues(
                [Issue(("max_unavailable",), "given 0 beside max_surge 0: it would never end")]
            )
        return self


class WarmUp(Frozen):
    """A replica that has just become ready is slow at first: cold caches, lazy compilation."""

    lasts: Duration
    """How long."""
    factor: Factor
    """How many times as long its requests take then."""
