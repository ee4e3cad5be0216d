"""A time limit of feature reads."""

from math import inf
from typing import ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.units import Duration, format_ms


@part
class LimitReads(Action):
    """Limit how long the model server waits for a feature read, until it is lifted.

    A request whose read takes longer goes on without its features: the model reads the mean
    instead. Slots are free sooner, but the answers are worse, and so are rows that a retrain
    learns from. With a limit of 0s nothing is read at all, as behind an open circuit breaker.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("defaulted_features",)
    example: ClassVar[Args] = {"limit": "50ms"}
    undo = ("limit_reads", {"limit": None, "lift": True})
    failing = ({"limit": None, "lift": True},)

    limit: Duration | None = None
    """The longest wait for a read; 0s reads nothing."""
    lift: bool = False
    """End the limit instead."""

    @model_validator(mode="after")
    def _limited_or_lifted(self) -> Self:
        if (self.limit is None) != self.lift:
            raise ValueError("expected a limit, or lift: true to end it")
        return self

    def act(self, site: Site) -> ActionSteps:
        if not site.params.feature_read_ms:
            raise ActionFailed("the model server reads no features: nothing to limit")
        if self.lift and site.world.dependency.limit_ms == inf:
            raise ActionFailed("feature reads have no limit: nothing to lift")
        yield 20_000
        if self.limit is None:
            site.world.dependency.limit_ms = inf
            return "no limit of feature reads"
        site.world.dependency.limit_ms = float(self.limit)
        if not self.limit:
            return "no feature reads"
        return f"feature reads of at most {format_ms(self.limit)}"
