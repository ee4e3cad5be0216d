"""The service that the model server reads from, and the caches before it, in the format."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Flag, Frozen, Name, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Rate, Ratio, Size


class OtherCallers(Frozen):
    """Reads of callers outside the pipeline."""

    rate: Rate
    """Their reads per second."""
    timeout: Duration = 1000
    """How long they wait for one."""

    @model_validator(mode="after")
    def _waits(self) -> Self:
        if self.timeout == 0:
            raise_issues(
                [Issue(("timeout",), "given '0s', expected more: they would read nothing")]
            )
        return self


class Dependency(Frozen):
    """A service that the server calls for every request."""

    name: Name
    """Its name."""
    mean: Duration
    """Its mean latency."""
    owner: Name | None = None
    """The team that can fix it."""
    concurrency: Annotated[Positive, Field(le=1000)] | None = None
    """Reads that it works on at full speed: more in flight share it. Without it no load slows it,
    and no series shows its side."""
    others: OtherCallers | None = None
    """Callers outside the pipeline (with `concurrency` only)."""
    finishes_abandoned: Flag = False
    """Whether it works on after a caller has given up (with `concurrency` only)."""

    @model_validator(mode="after")
    def _loaded(self) -> Self:
        if self.concurrency is None:
            text = "stands without `concurrency`: no load slows the dependency"
            keys = [key for key in ("others", "finishes_abandoned") if getattr(self, key)]
            raise_issues([Issue((key,), text) for key in keys])
        return self


class FeatureCache(Frozen):
    """A cache of features in the memory of each replica, cold when its process starts."""

    hit_ratio: Ratio
    """Requests without a feature read, where it is warm."""
    size: Positive
    """Requests of a replica after which 63 % of that is reached, and 95 % after three times as
    many."""
    memory: Size = 0
    """Memory of a full cache, beside that of the process; it fills as the cache warms up."""
