"""The service time of one request in the pipeline's format."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Number

Kind = Literal["lognormal", "exponential", "deterministic", "gamma", "empirical"]


class Service(Frozen):
    """The model's service time for one request: its mean and distribution."""

    mean: Duration | None = None
    """The mean (`empirical`: by default that of its values)."""
    distribution: Kind = "lognormal"
    """The distribution: lognormal with `sigma`, exponential, `deterministic`, gamma with `shape`
    (Erlang-k has shape k), or that of the `values`."""
    sigma: Annotated[Number, Field(ge=0, le=3)] = 0.5
    """The standard deviation of the logarithm; other distributions ignore it, so that a pipeline
    may extend one with a sigma."""
    shape: Annotated[Number, Field(ge=0.05, le=10_000)] | None = None
    """1 is exponential, larger is less variable (`gamma` only)."""
    values: tuple[Duration, ...] | None = None
    """Measured values, each as often as it was measured (`empirical` only)."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        raise_issues(list(self._issues()))
        return self

    def _issues(self) -> Iterable[Issue]:
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
        """The mean, ms."""
        if self.mean is not None:
            return float(self.mean)
        values = self.values or (0,)
        return sum(values) / len(values)
