"""The CPU of the model server's pods: demand, limit and throttling.

A limit is a quota in every period of 100 ms (CFS bandwidth control): a pod in which more requests
compute than the limit has cores uses up its quota and then stands still until the next period.
Its requests slow down by the factor by which its demand exceeds the limit; while few compute,
nothing is lost. So a pod can be throttled though its average use is far below its limit.

The number of concurrently computing requests is not tracked request by request: each slot of a pod
is assumed busy for its share of the tick before, independently of the others.

References
----------
https://docs.kernel.org/scheduler/sched-bwc.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import lgamma
from typing import NamedTuple

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample

PERIOD_MS = 100


@dataclass
class CpuUse:
    """CPU used by the pods so far, as columns of shape (slots,)."""

    computing: Floats  # average concurrently computing requests in the last tick
    limit: Floats  # cores
    used: Floats  # core seconds so far
    periods: Floats  # with any computation
    throttled: Floats  # of these, periods in which the quota ran out
    throttled_seconds: Floats


class CpuShares(NamedTuple):
    """What a limit leaves of a demand; columns of shape (slots,)."""

    granted: Floats  # cores, on average
    speed: Floats  # granted share of the demand; for an idle pod, of a first request
    active: Floats  # share of the time with any computation
    over_limit: Floats  # share of the time in which demand exceeds the limit
    stalled: Floats  # share of the time in which nothing computes for that reason


def unused(slots: int) -> CpuUse:
    """Pods that have not computed anything."""
    return CpuUse(*np.zeros((6, slots)))


def shares(computing: Floats, slots: int, cores: float, limit: Floats) -> CpuShares:
    """The CPU that pods get of what they demand.

    Parameters
    ----------
    computing : ndarray, shape (pods,)
        Average concurrently computing requests; at most `slots`.
    slots : int
        Of a pod.
    cores : float
        Kept busy by one request.
    limit : ndarray, shape (pods,), cores

    Examples
    --------
    One of two slots is busy on average: a quarter of the time both are.

    >>> pods = shares(np.array([1.0, 2.0]), 2, 1.0, np.array([1.0, 1.0]))
    >>> pods.granted.round(3).tolist(), pods.speed.round(3).tolist()
    ([0.75, 1.0], [0.75, 0.5])
    >>> pods.over_limit.round(3).tolist()
    [0.25, 1.0]
    """
    count = np.arange(slots + 1.0)
    p = np.clip(computing / slots, 1e-200, 1.0 - 1e-15)[:, np.newaxis]
    # In logarithms, since a thousand slots have more combinations than a float holds.
    chance = np.exp(_log_binomials(slots) + count * np.log(p) + (slots - count) * np.log1p(-p))
    demand, most = count * cores, limit[:, np.newaxis]
    granted = (chance * np.minimum(demand, most)).sum(axis=1)
    speed = granted / (chance * demand).sum(axis=1)
    excess = np.maximum(0.0, 1.0 - most / np.maximum(demand, 1e-9))
    # By rounding, a pod that is never over its limit could seem a hair slower.
    over_limit = (chance * (demand > most)).sum(axis=1)
    speed[over_limit == 0.0] = 1.0
    return CpuShares(granted, speed, 1.0 - chance[:, 0], over_limit, (chance * excess).sum(axis=1))


@cache
def _log_binomials(n: int) -> Floats:
    """Logarithms of the binomial coefficients."""
    total = lgamma(n + 1)
    return np.array([total - lgamma(k + 1) - lgamma(n - k + 1) for k in range(n + 1)])


def throttle(cpu: CpuUse, params: Params, limit: Floats) -> None:
    """Slow down the pods whose demand in the last tick exceeds their limit, cores, in this one."""
    cpu.limit[:] = limit
    for cut in params.bends.cpu_cuts:
        cpu.limit[cut.pods] /= cut.factor
    pods = shares(cpu.computing, params.concurrency, params.cpu_per_request, cpu.limit)
    params.bends.speed *= pods.speed


def account(cpu: CpuUse, params: Params, sample: Sample, dead: Sequence[int] = ()) -> None:
    """Count the CPU used in the tick; comes after `server.serve`.

    A request computes nothing while it waits for its feature read or hangs on a `dead` pod.
    """
    computing = params.service_ms / np.maximum(params.bends.speed, 1e-9)
    cpu.computing = sample.busy_ms / sample.dt * (computing / (computing + params.mean_read_ms))
    cpu.computing[list(dead)] = 0.0
    pods = shares(cpu.computing, params.concurrency, params.cpu_per_request, cpu.limit)
    duration = sample.dt * sample.weight
    throttled = pods.over_limit * (duration / PERIOD_MS)
    cpu.used += pods.granted * (duration / 1000.0)
    cpu.periods += pods.active * (duration / PERIOD_MS)
    cpu.throttled += throttled
    cpu.throttled_seconds += pods.stalled * (duration / 1000.0)
    for cut in params.bends.cpu_cuts:
        sample.hit(cut.fault, int(np.ceil(throttled[cut.pods].sum())))
