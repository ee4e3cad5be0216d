"""What clients of the model server hold back of themselves, as an author writes it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Number, Ratio


class RetryBudget(Frozen):
    """How many retries all clients together may send: a bucket of tokens, one a retry."""

    share: Ratio
    """Of a token that every new request puts in: with 20 % one retry for five requests."""
    burst: Annotated[Number, Field(ge=1, le=1e9)] = 10.0
    """Tokens that it holds, and that are in it at first."""


class CircuitBreaker(Frozen):
    """When clients stop asking for a while; they get 503 from the breaker instead."""

    failures: Ratio = 0.5
    """The share of failures among the last attempts that opens it."""
    window: Positive = 100
    """How many attempts it looks back on."""
    cool_down: Duration = 60_000
    """How long it stays open before it lets some attempts through."""
    probes: Positive = 10
    """How many these are; it closes unless as great a share of them fails."""

    @model_validator(mode="after")
    def _can_close(self) -> Self:
        raise_issues([
            Issue((key,), f"given 0, expected more: {why}")
            for key, why in (
                ("failures", "it would open without a failure"),
                ("cool_down", "it would never be open"),
            )
            if getattr(self, key) == 0
        ])  # fmt: skip
        return self
