"""The format of rubrics: time limits, limits of mistakes, ratings, weights of the index."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Name, Text
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, format_ms

Capability = Literal[
    "detection", "acknowledgement", "diagnosis", "mitigation", "recovery", "escalation", "safety",
    "conformance", "communication", "documentation",
]  # fmt: skip
Count = Annotated[int, Field(ge=0)]


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


def _limits(good: str, limit: str) -> Limits:
    return Limits.model_validate({"good": good, "limit": limit})


class Times(Frozen):
    """Time limits.

    Those from the first harm come from the reference and from nobody's run where the rubric states
    none: full marks up to the reference's time, none once nobody would have spent the budget.
    """

    acknowledge: Limits = _limits("1m", "15m")
    """From the page to its acknowledgement.

    A page that somebody of the team saw has to be acknowledged if `good` is left before the end of
    the drill, one that none of them saw if `limit` is.
    """
    escalate: Limits = _limits("5m", "30m")
    """From the need of a team to its page."""
    update: Limits = _limits("10m", "30m")
    """From the first harm, or a later page of it, to the first status update."""
    detect: Limits | None = None
    """From the first harm to its detection."""
    diagnose: Limits | None = None
    """From the first harm to the correct claim of the cause."""
    mitigate: Limits | None = None
    """From the first harm until every objective holds again."""
    recover: Limits | None = None
    """From the first harm until all debts are paid."""


class MistakeLimits(Frozen):
    """The mistakes of each kind that a run may have; one more fails it."""

    wrong_claims: Count = 2
    """Wrong claims of a cause; withdrawn ones count."""
    needless_pages: Count = 2
    """Teams called that nobody needed."""
    orders_in_vain: Count = 3
    """Orders that failed or changed nothing."""
    orders_on_healthy: Count = 3
    """Orders on what neither has a fault nor is related to one."""
    false_declarations: Count = 1
    """Declarations of SEV1 to SEV3 while nothing was wrong."""


class Weights(Frozen):
    """The share of each capability in the index; they add up to 1."""

    detection: Ratio = 0.0
    """Noticing the incident."""
    acknowledgement: Ratio = 0.0
    """Acknowledging the page."""
    diagnosis: Ratio = 0.0
    """Naming the cause, after having looked."""
    mitigation: Ratio = 0.0
    """Ending the harm."""
    recovery: Ratio = 0.0
    """Paying the debts."""
    escalation: Ratio = 0.0
    """Paging the right people in time, with the right facts."""
    safety: Ratio = 0.0
    """Harming nothing."""
    conformance: Ratio = Field(0.0, le=0.15)
    """Following the playbook. A better way than the playbook must not lose much."""
    communication: Ratio = 0.0
    """Telling those who wait, in time and truly."""
    documentation: Ratio = 0.0
    """Writing it up."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.total(type(self).model_fields)
        if abs(total - 1) > 1e-6:
            raise_issues([Issue((), f"add up to {total:g}, expected 1")])
        return self

    def total(self, names: Iterable[str]) -> float:
        """The weight of some capabilities together."""
        weights: dict[str, float] = self.model_dump()
        return sum(weights[name] for name in names)


class RatingBounds(Frozen):
    """The scores between which a capability is rated."""

    performed: Ratio = 0.8
    """P from here on, S below."""
    unable: Ratio = 0.2
    """U below here, of a capability without a mark of its own."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.unable > self.performed:
            text = f"given {self.unable:g}, expected at most performed ({self.performed:g})"
            raise_issues([Issue(("unable",), text)])
        return self


class Rubric(Frozen):
    """How a run is graded. Any run can be graded again with another rubric."""

    rubric: Literal[1]
    """The version of this format."""
    name: Name
    """The rubric's name."""
    title: Text | None = None
    """What it is for, in a line."""
    time: Times = Times()
    """Time limits."""
    limits: MistakeLimits = MistakeLimits()
    """The mistakes that a run may have."""
    ratings: RatingBounds = RatingBounds()
    """The bounds of the ratings."""
    weights: Weights
    """The share of each capability in the index."""
    not_rated: tuple[Capability, ...] = ()
    """Capabilities that are N/A, whatever the run shows."""
    rated_if_needed: tuple[Capability, ...] = ()
    """Capabilities that are N/A where nobody was needed."""

    @model_validator(mode="after")
    def _rates_something(self) -> Self:
        if self.weights.total(self.not_rated) > 1 - 1e-6:
            text = "holds all capabilities that have a weight: there would be no index"
            raise_issues([Issue(("not_rated",), text)])
        return self
