"""Client-side retry budget and circuit breaker in the pipeline's format."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Number, Ratio


class RetryBudget(Frozen):
    """The retry budget of all clients together: a token bucket, one token a retry."""

    share: Ratio
    """The tokens that every new request adds: at 20 % one retry for five requests."""
    burst: Annotated[Number, Field(ge=1, le=1e9)] = 10.0
    """The bucket's capacity, and its tokens at the start."""


class CircuitBreaker(Frozen):
    """When clients stop sending requests for a while; the breaker answers 503 instead."""

    failures: Ratio = 0.5
    """The share of failures among the last attempts that opens it."""
    window: Positive = 100
    """The number of attempts in its window."""
    cool_down: Duration = 60_000
    """How long it stays open before it allows probes."""
    probes: Positive = 10
    """The number of probes; it closes unless `failures` of them fail."""

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
