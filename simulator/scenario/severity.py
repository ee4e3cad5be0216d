"""The format of severities: when an incident has one, and what follows from it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Name
from simulator.units import Duration, Factor, Ratio


class Impact(Frozen):
    """A bound of observable impact: exactly one of these."""

    burn: Factor | None = None
    """How many times as fast as allowed an error budget burns, by any objective of a ratio."""
    customers: Annotated[Ratio, Field(gt=0)] | None = None
    """The share of requests that are affected: not answered, or answered wrongly too often."""
    outside: Duration | None = None
    """How long any objective has been outside."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if sum(value is not None for value in self.model_dump().values()) != 1:
            raise ValueError("expected one of burn, customers and outside")
        return self


class ImpactCondition(Frozen):
    """Bounds of which any, or all, have to be reached."""

    any: tuple[Impact, ...] = ()
    """Any of these."""
    all: tuple[Impact, ...] = ()
    """All of these."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if bool(self.any) == bool(self.all):
            raise ValueError("expected any or all, with at least one bound")
        return self


class SeverityLevel(Frozen):
    """A severity: the impact that makes it, and what follows from it."""

    when: ImpactCondition
    """The observable impact from which on an incident has it."""
    inform: tuple[Name, ...] = ()
    """Teams and readers who must be told."""
    roles: tuple[Name, ...] = ()
    """The incident roles that are expected to be taken: commander, communications, …"""
    update_every: Duration | None = None
    """How often a status update is due; customers ask when none comes."""
