"""The format of objectives, evaluated on the truth at every scrape and not on monitors."""

from collections.abc import Iterator

from pydantic import field_validator

from simulator.scenario.base import Frozen
from simulator.units import Duration, Factor, Ratio


class Budgeted(Frozen):
    """Base of objectives: what a breach costs."""

    budget: Duration | None = None
    """The total time that it may be breached; by default a tenth of the drill's length."""
    weight: Factor = 1.0
    """The weight of its breaches beside those of other objectives."""

    @field_validator("budget")
    @classmethod
    def _spendable(cls, budget: int | None) -> int | None:
        if budget == 0:
            raise ValueError("given '0s', expected more")
        return budget


class AtLeast(Budgeted):
    """A ratio that must not fall below a limit."""

    min: Ratio
    """The limit."""
    window: Duration
    """The window it is computed over."""

    def holds(self, value: float) -> bool:
        """Whether a value is inside; a value without traffic (NaN) is not."""
        return value >= self.min


class AtMost(Budgeted):
    """A time that must not rise above a limit."""

    max: Duration
    """The limit."""
    window: Duration
    """The window it is computed over."""

    def holds(self, value: float) -> bool:
        """Whether a value, ms, is inside; a value without traffic (NaN) is not."""
        return value <= self.max


class Age(Budgeted):
    """An age that must not rise above a limit, at any moment."""

    max: Duration
    """The limit."""

    @property
    def window(self) -> int:
        """An age has no window."""
        return 0

    def holds(self, value: float) -> bool:
        """Whether an age, ms, is inside; an unknown one (NaN) is not."""
        return value <= self.max


Objective = AtLeast | AtMost | Age


class Objectives(Frozen):
    """The service's objectives; at least one."""

    availability: AtLeast | None = None
    """The share of requests answered in time."""
    latency_p50: AtMost | None = None
    """The median latency of answers."""
    latency_p95: AtMost | None = None
    """The 95th percentile of latency."""
    latency_p99: AtMost | None = None
    """The 99th percentile of latency."""
    accuracy: AtLeast | None = None
    """The share of correct predictions; it does not wait for labels."""
    training_goodput: AtLeast | None = None
    """The share of time of long training with work that was not lost later."""
    freshness: Age | None = None
    """The age of served features."""
    monitoring: AtLeast | None = None
    """The share of scrapes, rule evaluations or notifications that succeed, whichever is least."""

    def items(self) -> Iterator[tuple[str, Objective]]:
        """The objectives that are set, by name.

        Examples
        --------
        >>> objectives = Objectives.model_validate({"freshness": {"max": "10m"}})
        >>> [(name, objective.max) for name, objective in objectives.items()]
        [('freshness', 600000)]
        """
        for name in type(self).model_fields:
            objective = getattr(self, name)
            if objective is not None:
                yield name, objective

    @field_validator("*")
    @classmethod
    def _window(cls, objective: Objective | None) -> Objective | None:
        if objective is not None and not isinstance(objective, Age) and objective.window == 0:
            raise ValueError("window: given '0s', expected more")
        return objective
