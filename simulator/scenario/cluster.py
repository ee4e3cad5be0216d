"""The format of the cluster: nodes, their lifecycle, and the quota of the model server."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Frozen, Name, Positive
from simulator.scenario.training import Accelerators
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Size


class Lifecycle(Frozen):
    """The node lifecycle: heartbeats, eviction, and series of nodes."""

    grace: Duration = 40_000
    """The silence after which a node is not ready."""
    eviction: Duration = 300_000
    """The time after that until its pods are evicted."""


class Quota(Frozen):
    """The resource quota of the model server's namespace; other teams' pods share it."""

    pods: Positive | None = None
    """The number of pods."""
    memory: Size | None = None
    """The sum of their memory requests."""
    owner: Name | None = None
    """The team that can raise it."""

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        if self.pods is None and self.memory is None:
            raise_issues([Issue((), "says nothing; expected pods or memory")])
        return self


class ClusterSpec(Frozen):
    """The cluster."""

    # As many as a Kubernetes cluster has at most.
    nodes: Annotated[Positive, Field(le=5000)]
    """The number of nodes."""
    memory: Size
    """The allocatable memory of a node."""
    nodes_max: Annotated[Positive | None, Field(le=5000)] = None
    """The most nodes that the cloud's quota allows; by default as many as there are."""
    provisioning: Duration = 240_000
    """The time until a new node takes pods."""
    lifecycle: Lifecycle | None = None
    """The node lifecycle; by default Kubernetes' times, without series of nodes."""
    quota: Quota | None = None
    """The quota of the model server's namespace; by default the whole cluster."""
    accelerators: Accelerators | None = None
    """The training nodes."""

    @model_validator(mode="after")
    def _check_nodes(self) -> Self:
        if self.nodes_max is not None and self.nodes_max < self.nodes:
            text = f"given {self.nodes_max}, below nodes ({self.nodes})"
            raise_issues([Issue(("nodes_max",), text)])
        return self

    @field_validator("memory")
    @classmethod
    def _some(cls, memory: int) -> int:
        if memory == 0:
            raise ValueError("given '0B', expected more")
        return memory
