"""The model's own work for one request, as an author writes it."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Number

Kind = Literal["lognormal", "exponential", "deterministic", "gamma", "empirical"]


class Service(Frozen):
    """The model's own work for one request: how long on average, and how that differs."""

    mean: Duration | None = None
    """On average (`empirical`: that of its values, if it is left out)."""
    distribution: Kind = "lognormal"
    """How requests differ: by a lognormal of `sigma`, exponentially, not at all
    (`deterministic`), by a gamma of `shape` (Erlang-k has shape k), or as the `values` do."""
    sigma: Annotated[Number, Field(ge=0, le=3)] = 0.5
    """Standard deviation of the logarithm; only `lognormal` looks at it. (A pipeline that
    extends one with a sigma can so take another distribution.)"""
    shape: Annotated[Number, Field(ge=0.05, le=10_000)] | None = None
    """1 is exponential, above it steadier, below it wilder (`gamma` only)."""
    values: tuple[Duration, ...] | None = None
    """What was measured, each value as often as it happened (`empirical` only)."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        raise_issues(list(self._wrongs()))
        return self

    def _wrongs(self) -> Iterable[Issue]:
        owners = {"shape": "gamma", "values": "empirical"}
        for key, owner in owners.items():
            if getattr(self, key) is not None and self.distribution != owner:
                yield Issue((key,), f"only {owner!r} has it, not {self.distribution!r}")
        if self.distribution == "gamma" and self.shape is None:
            yield Issue(("shape",), "is missing; a gamma has one")
        if self.distribution == "empirical" and not any(self.values or ()):
            yield Issue(("values",), "expected one value above 0 at least")
        if self.mean is None and self.distribution != "empirical":
            yield Issue(("mean",), "is missing")
        if self.mean == 0:
            yield Issue(("mean",), "given '0s', expected more")

    @property
    def mean_ms(self) -> float:
        """How long it takes on average, ms."""
        if self.mean is not None:
            return float(self.mean)
        values = self.values or (0,)
        return sum(values) / len(values)
