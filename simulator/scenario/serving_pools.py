"""Further pools of replicas of the model server in the pipeline's format."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from simulator.scenario.base import Frozen, Positive
from simulator.scenario.scaling import WarmUp
from simulator.source import Issue
from simulator.units import Count, Duration, Ratio, Size, format_bytes


class ServingPoolSpec(Frozen):
    """Replicas beside the main ones, on their own nodes and with their own queue: a standby, or a
    second region. Where nothing else is set they are as those of the stage."""

    replicas: Count = 0
    """The number of replicas at the start; 0 for a cold standby."""
    replicas_max: Annotated[Positive, Field(le=1000)]
    """The most replicas that can be ordered."""
    share: Ratio = 0.0
    """The share of the requests that it gets at the start."""
    nodes: Annotated[Positive, Field(le=5000)]
    """The number of its nodes."""
    memory: Size | None = None
    """The allocatable memory of each of its nodes; by default that of the cluster's nodes."""
    build: Positive | None = None
    """The build that it runs; releases and rollbacks of the server do not reach it."""
    concurrency: Annotated[Positive, Field(le=10_000)] | None = None
    """Requests that one replica serves at the same time."""
    queue: Count | None = None
    """The capacity of its queue."""
    start_up: Duration | None = None
    """The time until a new replica is ready."""
    warm_up: WarmUp | None = None
    """The slow phase after the start."""


def pool_issues(
    pools: Mapping[str, ServingPoolSpec], request: int, node_memory: int
) -> Iterator[Issue]:
    """Pools that cannot be: more replicas than fit at the start, more than all of the requests.

    Parameters
    ----------
    request : int, bytes
        Of a replica.
    node_memory : int, bytes
        Of a node where the pool sets none.
    """
    shares = 0.0
    for name, pool in pools.items():
        node = node_memory if pool.memory is None else pool.memory
        room = pool.nodes * (node // request) if request else pool.replicas_max
        if not room:
            text = f"given {format_bytes(node)!r}, but a replica requests {format_bytes(request)}"
            yield Issue((name, "nodes" if pool.memory is None else "memory"), text)
        elif pool.replicas > pool.replicas_max:
            text = f"given {pool.replicas}, above replicas_max ({pool.replicas_max})"
            yield Issue((name, "replicas"), text)
        elif pool.replicas > room:
            text = f"given {pool.replicas}, but its nodes have room for {room}"
            yield Issue((name, "replicas"), text)
        shares += pool.share
        if shares > 1.0 + 1e-9:
            text = f"given {pool.share:g}: with the pools before it {shares:g}, more than all"
            yield Issue((name, "share"), text)
