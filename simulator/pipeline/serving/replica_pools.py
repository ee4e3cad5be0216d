"""Pools of replicas beside the main one: which requests go there, and what all have served.

A pool is a deployment of the same model server with its own nodes and its own queue: a standby,
or a second region. Its laws are `Params.serving_pools[name]`, its facts `World.pools[name]`; the
code that serves the main pool serves it through a `view`.

A request goes to a pool by its ID, so that a larger share keeps the requests of a smaller one.
Its retries go where it went.
"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ID, SINCE
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.server import Served
from simulator.pipeline.world import ServingPool, World
from simulator.streams import uniforms

# The main pool in `Sample.by_pool`.
MAIN = ""
# Of answers, in the order in which they are counted: served, failed, shed, timed out.
CODES = ("200", "500", "503", "504")


class PoolTick(NamedTuple):
    """One further pool's part of a tick."""

    name: str
    params: Params
    sample: Sample
    served: Served


class Answered(NamedTuple):
    """The requests that got an answer in a tick, and the replica of each."""

    requests: Floats  # shape (requests, COLUMNS)
    slot: Ints  # -1 for a pod that has been removed


def split(pools: dict[str, ServingPool], arrivals: Floats, seed: int) -> dict[str, Floats]:
    """The arrivals of each pool, the main one first, each by `SINCE`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> arrivals = np.zeros((1000, 8))
    >>> arrivals[:, ID] = np.arange(1000)
    >>> parts = split({"standby": SimpleNamespace(share=0.25)}, arrivals, 1)
    >>> {name: len(part) for name, part in parts.items()}
    {'': 774, 'standby': 226}
    """
    parts = dict.fromkeys((MAIN, *pools), arrivals[:0])
    if not any(pool.share for pool in pools.values()):
        return {**parts, MAIN: arrivals}
    draw = uniforms(arrivals[:, ID], "serving pool", seed)
    edge = 0.0
    for name, pool in pools.items():
        parts[name] = arrivals[(draw >= edge) & (draw < edge + pool.share)]
        edge += pool.share
    # Shares that sum to 1 leave nothing to the main pool, whatever their rounding.
    parts[MAIN] = arrivals[draw >= edge] if edge < 1.0 - 1e-9 else arrivals[:0]
    return parts


def view(world: World, name: str) -> World:
    """The world as the servers of a pool see it: its own pods, nodes and queue, and all else.

    A shallow copy: facts that are set anew in it, as `queue`, come back with `put_back`.
    """
    pool, seen = world.pools[name], copy.copy(world)
    seen.replicas, seen.cluster, seen.queue = pool.replicas, pool.cluster, pool.queue
    seen.pools = {}
    return seen


def put_back(world: World, name: str, seen: World) -> None:
    """Keep the facts of a pool after its servers have worked."""
    pool = world.pools[name]
    pool.replicas, pool.cluster, pool.queue = seen.replicas, seen.cluster, seen.queue


def join(params: Params, main: Served, parts: list[PoolTick], sample: Sample) -> Answered:
    """What all pools have answered in a tick, by arrival: the first rows are a fair sample of all.

    The slots of a pool are numbered after those of the pools before it, the main one's first. The
    sample is of all pools then, and so are the bends that apply to rows of single slots.
    """
    rows, busy, first = [main.requests], [sample.busy_ms], params.slots
    count_codes(sample, MAIN, sample)
    for part in parts:
        count_codes(sample, part.name, part.sample)
        slot, own = part.served.slot, part.sample
        own.slot = np.where(slot < 0, slot, slot + first)
        busy.append(own.busy_ms)
        own.busy_ms = np.zeros_like(sample.busy_ms)
        sample.add(own)
        rows.append(part.served.requests)
        _bend_rows(params, part.params, first)
        first += part.params.slots
    sample.busy_ms = np.concatenate(busy)
    if not any(map(len, rows[1:])):
        return Answered(main.requests, main.slot)
    requests = np.concatenate(rows)
    order = np.argsort(requests[:, SINCE], kind="stable")
    return Answered(requests[order], sample.slot[order])


def count_codes(sample: Sample, name: str, part: Sample) -> None:
    """Count the answers of one pool by their codes."""
    # Those of the breaker and of the gateway never reached the server.
    before = part.breaker_rejected + part.too_long + sum(part.refused.values())
    counts = (part.served, part.failed, part.shed - before, part.timed_out)
    for code, requests in zip(CODES, counts, strict=True):
        sample.by_pool[f"{name}/{code}"] = requests


def _bend_rows(params: Params, pool: Params, first: int) -> None:
    """Add what the builds of a pool do to rows and models, by the slots after `first`."""
    for name in ("serving_skew", "failed_pulls"):
        getattr(params.bends, name).extend(
            replace(bend, pods=_shifted(bend.pods, first)) for bend in getattr(pool.bends, name)
        )


def _shifted(pods: Bools, first: int) -> Bools:
    return np.concatenate((np.zeros(first, bool), pods))


def views(world: World, params: Params) -> Iterator[tuple[World, Params]]:
    """World and laws of each further pool, in the order of their slots."""
    for name, laws in params.serving_pools.items():
        yield view(world, name), laws
