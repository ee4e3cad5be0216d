"""A small model server for tests: the serving part of a world, and ticks of it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.bends import LeakingPods
from simulator.pipeline.cluster import cpu, deployment
from simulator.pipeline.cluster.limits import PodLimits
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, ID
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import accelerators, dependency, server
from simulator.pipeline.serving.dependency import DependencyLoad
from simulator.pipeline.step import account_reads, serve_pool, serve_pools
from simulator.pipeline.traffic import admission, arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.traffic.distributions import Lognormal
from simulator.pipeline.traffic.gateway import Gateway
from simulator.pipeline.world import ServingPool, World
from simulator.streams import Streams

COUNTS = ("arrived", "served", "shed", "timed_out", "failed")


def laws(**changes: Any) -> Params:
    """Laws of a server of four replicas with four slots each, at half its capacity."""
    missing = (dataclasses.MISSING, dataclasses.MISSING)
    fields = dataclasses.fields(Params)
    others = {f.name: None for f in fields if (f.default, f.default_factory) == missing}
    base: dict[str, Any] = {
        "rate": 50.0,
        "profile": np.ones(24),
        "start_ms_of_day": 0,
        "slots": 4,
        "concurrency": 4,
        "queue_cap": 40,
        "timeout_ms": 1000.0,
        "retries": 2,
        "retry_backoff_ms": 200.0,
        "service_ms": 120.0,
        "work": Lognormal(0.6),
        "feature_read_ms": 40.0,
        "start_up_ms": 30_000,
        "memory_base": 400e6,
        "memory_per_request": 10e6,
        "memory_limit": 1000e6,
        "memory_request": 800e6,
    }
    return Params(**(others | base | changes)).unbent()


def serving_world(params: Params, wanted: int = 4, nodes: tuple[float, ...] = (4e9,)) -> World:
    """The serving part of a world, at rest."""
    pods, nodes_and_wishes = deployment.start(
        params.slots, wanted, list(nodes), params.memory_base, PodLimits.of(params)
    )
    queue = server.empty_queue(params.slots)
    nodes_and_wishes.cpu = cpu.unused(params.slots) if params.cpu_limit else None
    world: Any = SimpleNamespace(
        replicas=pods,
        cluster=nodes_and_wishes,
        queue=queue,
        gateway=Gateway(),
        pools={},
        dependency=DependencyLoad(),
    )
    for name, laws_of_pool in params.serving_pools.items():
        of_pool = serving_world(laws_of_pool, wanted, nodes)
        world.pools[name] = ServingPool(of_pool.replicas, of_pool.cluster, of_pool.queue, wanted)
    return world  # type: ignore[no-any-return]


def leak(params: Params, slot: int, rate: float, fault: str = "leak") -> None:
    """Add a memory leak of one pod, bytes a second."""
    params.bends.memory_leaks.append(LeakingPods(fault, np.arange(params.slots) == slot, rate, 0.0))


class ServerRun:
    """Ticks of a model server, one after another, and their results."""

    def __init__(self, params: Params, seed: int = 1, dt: int = 5000, wanted: int = 4) -> None:
        self.params, self.dt, self.t = params, dt, 0
        self.world = serving_world(params, wanted)
        self.customers = Customers(Streams(seed))
        self.counts: Counter[str] = Counter()
        self.served: list[server.Served] = []
        self.samples: list[Sample] = []
        self.arrivals: list[Floats] = []

    def until(
        self, end: int, bend: Callable[[Params, World, int], None] | None = None
    ) -> ServerRun:
        """Advance to `end`, with laws and facts changed by `bend` at every tick."""
        while self.t < end:
            params, sample = self.params.unbent(), Sample(self.t, self.dt)
            if bend:
                bend(params, self.world, self.t)
            rows, seed = arrivals.arrive(params, self.customers, sample), self.customers.seed
            accelerators.lengthen(params, rows, seed, sample)
            self.arrivals.append(rows.copy())  # a hit of the cache is marked in the rows
            if self.world.gateway.active:
                admission.admit(self.world, params, rows, seed, sample)
            dependency.begin(self.world.dependency, params, self.dt)
            if self.world.pools:
                serve_pools(self.world, params, rows, seed, sample)
            else:
                self.served.append(serve_pool(self.world, params, rows, seed, sample))
            account_reads(self.world, params, sample)
            admission.measure(self.world.gateway, sample)
            self.counts.update({name: getattr(sample, name) for name in COUNTS})
            self.counts.update(too_long=sample.too_long, answered=len(sample.answered))
            self.samples.append(sample)
            self.t += self.dt
        return self

    @property
    def inside(self) -> int:
        return server.inside(self.world.queue, self.t)

    def answers(self) -> dict[tuple[int, int], float]:
        """The time of each answer, by request and attempt."""
        answer_times = {}
        for served in self.served:
            ids, attempts = served.requests[:, ID], served.requests[:, ATTEMPT]
            keys = zip(ids.astype(int).tolist(), attempts.astype(int).tolist(), strict=True)
            answer_times |= dict(zip(keys, served.leaves.tolist(), strict=True))
        return answer_times
