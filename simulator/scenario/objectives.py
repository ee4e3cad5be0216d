"""What must hold: judged by the truth at every scrape, not by what monitors say."""

from collections.abc import Iterator

from pydantic import field_validator

from simulator.scenario.base import Frozen
from simulator.units import Duration, Ratio


class AtLeast(Frozen):
    """A ratio that must not fall below a limit."""

    min: Ratio
    """The limit."""
    window: Duration
    """Over what is it taken."""

    def holds(self, value: float) -> bool:
        """Whether a value is inside; one over no traffic (NaN) is not."""
        return value >= self.min


class AtMost(Frozen):
    """A time that must not rise above a limit."""

    max: Duration
    """The limit."""
    window: Duration
    """Over what is it taken."""

    def holds(self, value: float) -> bool:
        """Whether a value, ms, is inside; one over no traffic (NaN) is not."""
        return value <= self.max


class Age(Frozen):
    """An age that must not rise above a limit, at any moment."""

    max: Duration
    """The limit."""

    @property
    def window(self) -> int:
        """An age is that of the moment."""
        return 0

    def holds(self, value: float) -> bool:
        """Whether an age, ms, is inside; an unknown one (NaN) is not."""
        return value <= self.max


Objective = AtLeast | AtMost | Age


class Objectives(Frozen):
    """The service's objectives; at least one."""

    availability: AtLeast | None = None
    """Answers in time, of all requests."""
    latency_p50: AtMost | None = None
    """The time within which half of all answers came."""
    latency_p95: AtMost | None = None
    """The time within which 95 % of all answers came."""
    latency_p99: AtMost | None = None
    """The time within which 99 % of all answers came."""
    accuracy: AtLeast | None = None
    """Right predictions, of all; the truth does not wait for labels."""
    training_goodput: AtLeast | None = None
    """The share of the time in which long training did work that was not lost since."""
    freshness: Age | None = None
    """The age of the features that are served."""

    def items(self) -> Iterator[tuple[str, Objective]]:
        """Those that are stated, by name.

        Examples
        --------
        >>> stated = Objectives.model_validate({"freshness": {"max": "10m"}})
        >>> [(name, objective.max) for name, objective in stated.items()]
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
