"""Who asks, how much work that is, who does it: what authors write becomes laws."""

from __future__ import annotations

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster.laws import Autoscaler
from simulator.pipeline.serving.batching import Batching
from simulator.pipeline.serving.client_guard import Breaker, Budget
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.serving.laws import LaneLaw
from simulator.pipeline.traffic.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
)
from simulator.pipeline.traffic.laws import Burst
from simulator.scenario.service import Service
from simulator.scenario.stages import Serving
from simulator.scenario.traffic import Traffic
from simulator.streams import Streams

# A recording is the same in every run: where counts have no times, these are their dice.
SEED = 2013


def work_of(service: Service) -> Distribution:
    """How the work of requests differs.

    Examples
    --------
    >>> work_of(Service(mean="60ms", distribution="gamma", shape=2.0))
    Gamma(shape=2.0)
    """
    if service.distribution == "gamma":
        return Gamma(float(service.shape or 1.0))
    if service.distribution == "empirical":
        return Empirical(tuple(map(float, service.values or ())))
    if service.distribution == "exponential":
        return Exponential()
    if service.distribution == "deterministic":
        return Deterministic()
    return Lognormal(float(service.sigma))


def budget_of(server: Serving) -> Budget | None:
    """How many retries clients may send."""
    budget = server.retry_budget
    return Budget(budget.share, budget.burst) if budget else None


def breaker_of(server: Serving) -> Breaker | None:
    """When clients stop asking."""
    one = server.breaker
    return Breaker(one.failures, one.window, float(one.cool_down), one.probes) if one else None


def lanes_of(server: Serving) -> LaneLaw | None:
    """How replicas get their requests, where each has a queue of its own."""
    if server.queues == "shared":
        return None
    batches = server.batching
    if batches is None:
        return LaneLaw(server.balancing)
    preferred = tuple(sorted(batches.preferred))
    law = Batching(batches.max_size, float(batches.max_wait), batches.further, preferred)
    return LaneLaw(server.balancing, law)


def gpu_of(server: Serving) -> GpuLaw | None:
    """The memory of each replica's accelerator."""
    one = server.gpu_memory
    if one is None:
        return None
    return GpuLaw(float(one.size), float(one.base), float(one.per_request), one.tokens or 0)


def scaler_of(server: Serving) -> Autoscaler | None:
    """What adds and takes away replicas."""
    one = server.autoscaler
    if one is None:
        return None
    return Autoscaler(one.min, one.max, one.target, one.tolerance, one.sync, one.stabilisation)


def bursts_of(traffic: Traffic) -> tuple[Burst, ...]:
    """When there is more traffic or less."""
    return tuple(Burst(one.at, one.at + one.lasts, one.factor) for one in traffic.bursts)


def trace_of(traffic: Traffic) -> tuple[int, int, Floats] | None:
    """The recording: from, until, and the times in between from its begin; all in ms.

    Examples
    --------
    >>> trace_of(Traffic(rate="1/s", trace={"at": "5s", "times": ["0s", "2s"]}))
    (5000, 7001, array([   0., 2000.]))
    """
    trace = traffic.trace
    if trace is None:
        return None
    if trace.times is not None:
        times = np.array(trace.times, np.float64)
    else:
        counts = np.array(trace.counts, np.int64)
        begins = np.arange(len(counts)).repeat(counts) + 0.0
        inside = Streams(SEED).keyed("trace", *map(int, counts[:64])).random(len(begins))
        times = np.sort((begins + inside) * (trace.every or 0))
    return trace.at, trace.at + trace.lasts, times
