"""The format of severities: when an incident has one, and what follows from it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Name, require_one
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Factor, Ratio, did_you_mean


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
        require_one(self, ("burn", "customers", "outside"))
        return self


class ImpactCondition(Frozen):
    """Bounds of which any, or all, have to be reached."""

    any: tuple[Impact, ...] = ()
    """Any of these."""
    all: tuple[Impact, ...] = ()
    """All of these."""

    @classmethod
    def meant(cls, key: str) -> str:
        """The end of a message about an unknown key: most are bounds without a condition."""
        if key in Impact.model_fields:
            return f"; did you mean 'any: [{{{key}: …}}]'?"
        return did_you_mean(key, cls.model_fields)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if bool(self.any) == bool(self.all):
            keys = "both" if self.any else "neither"
            raise ValueError(f"expected either any or all, with a bound or more; given {keys}")
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

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        issue = Issue(("update_every",), "given '0s', expected more")
        raise_issues([issue] if self.update_every == 0 else [])
        return self
