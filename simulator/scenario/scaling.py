"""Autoscaling, rollouts and warm-up in the pipeline's format."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Factor, Ratio


class Autoscaler(Frozen):
    """Keeps the utilization of slots near a target, like a Kubernetes HPA."""

    min: Positive
    """The fewest replicas."""
    max: Positive
    """The most replicas; at most `replicas_max`."""
    target: Annotated[Ratio, Field(gt=0)] = 0.7
    """The target utilization of slots for requests."""
    tolerance: Ratio = 0.1
    """The deviation of utilization over target from 1 that is tolerated."""
    sync: Duration = 15_000
    """The interval between two decisions."""
    stabilisation: Duration = 300_000
    """The stabilization window for scaling down."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        issues = []
        if self.min > self.max:
            issues.append(Issue(("min",), f"given {self.min}, above max ({self.max})"))
        if self.sync == 0:
            issues.append(Issue(("sync",), "given '0s', expected more"))
        raise_issues(issues)
        return self


class Rollout(Frozen):
    """How a new build replaces the replicas of the old one, as in a Deployment."""

    max_surge: Annotated[Count, Field(le=1000)] = 0
    """Extra replicas during a rollout, also above `replicas_max`."""
    max_unavailable: Count = 1
    """Replicas that may be missing during a rollout."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if not self.max_surge + self.max_unavailable:
            raise_issues(
                [Issue(("max_unavailable",), "given 0 beside max_surge 0: it would never end")]
            )
        return self


class WarmUp(Frozen):
    """The slow phase of a new replica: cold caches, lazy compilation."""

    lasts: Duration
    """Its duration."""
    factor: Factor
    """The slowdown of its requests."""
