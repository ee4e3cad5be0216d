"""Conditions of injects, evaluated on facts.

The facts are the true objectives, which change at scrapes only, and the actions that the played
team has completed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.director.breaches import Breaches
from simulator.units import format_ms


@dataclass(frozen=True)
class Facts:
    """What has happened in a drill before a tick.

    Attributes
    ----------
    t : int, ms
        The start of the tick.
    breaches : Breaches
        The states of the objectives at the last scrape.
    completed : mapping of str to int
        When the played team first completed each action, ms.
    first_onset : int or None, ms
        When the first fault began.
    """

    t: int
    breaches: Breaches
    completed: Mapping[str, int]
    first_onset: int | None


@dataclass(frozen=True)
class ActionCompleted:
    """The played team has completed an action for the first time, some time ago."""

    event: str  # its name in scenarios
    action: str
    after: int = 0  # ms

    def holds(self, facts: Facts) -> bool:
        """Whether it holds on these facts."""
        at = facts.completed.get(self.action)
        return at is not None and facts.t >= at + self.after

    def __str__(self) -> str:
        return f"{format_ms(self.after)} after {self.event}" if self.after else self.event


@dataclass(frozen=True)
class ObjectiveLasts:
    """An objective has held, or has been breached, for some time without a break."""

    objective: str
    holding: bool
    lasts: int  # ms

    def holds(self, facts: Facts) -> bool:
        """Whether it holds on these facts."""
        span = facts.breaches.spans[self.objective]
        lasts = facts.breaches.measured - span.since
        return span.holds == self.holding and lasts >= self.lasts

    def __str__(self) -> str:
        state = "held" if self.holding else "breached"
        return f"{self.objective} {state} for {format_ms(self.lasts)}"


@dataclass(frozen=True)
class Mitigated:
    """An objective has been breached since the first fault began, and all objectives hold."""

    def holds(self, facts: Facts) -> bool:
        """Whether it holds on these facts."""
        onset, last = facts.first_onset, facts.breaches.last
        # The scrape at the onset measures the time before it.
        breached = onset is not None and last is not None and last > onset
        return breached and all(span.holds for span in facts.breaches.spans.values())

    def __str__(self) -> str:
        return "mitigated"


BoundCondition = ActionCompleted | ObjectiveLasts | Mitigated
