"""The CPU of the model server's pods: how much they want, how much their limit lets them have.

A limit is a quota in every period of 100 ms (CFS bandwidth control): a pod in which more
requests compute than the limit has cores uses its quota up and then stands still until the
next period. Its requests are as much slower as its demand is above the limit; while few
compute, nothing is lost. So a pod can be throttled far below its limit on average.

How many requests compute at once is not looked up request by request: each place of a pod
is in use for the share of the time that it was in the tick before, independently of the others.

References
----------
https://docs.kernel.org/scheduler/sched-bwc.html
"""

from __future__ import annotations

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
class Cores:
    """What the pods have had, as columns of shape (slots,)."""

    computing: Floats  # requests that computed at once in the last tick, on average
    limit: Floats  # cores
    used: Floats  # core seconds so far
    periods: Floats  # in which anything computed
    throttled: Floats  # of these, in which the quota ran out
    throttled_seconds: Floats


class Shares(NamedTuple):
    """What a limit makes of a demand; each of shape (slots,)."""

    granted: Floats  # cores, on average
    speed: Floats  # what is granted of what is wanted; of an idle pod, what a first request gets
    active: Floats  # share of the time in which anything computes
    short: Floats  # share of the time in which more is wanted than the limit
    still: Floats  # share of the time in which nothing computes for that reason


def idle(slots: int) -> Cores:
    """Pods that have not computed anything."""
    return Cores(*np.zeros((6, slots)))


def shares(computing: Floats, places: int, cores: float, limit: Floats) -> Shares:
    """What pods get of the CPU that they want.

    Parameters
    ----------
    computing : ndarray, shape (slots,)
        Requests that compute at once, on average; at most `places`.
    places : int
    cores : float
        That one request keeps busy.
    limit : ndarray, shape (slots,), cores

    Examples
    --------
    One of two places is in use on average: a quarter of the time both are.

    >>> found = shares(np.array([1.0, 2.0]), 2, 1.0, np.array([1.0, 1.0]))
    >>> found.granted.round(3).tolist(), found.speed.round(3).tolist()
    ([0.75, 1.0], [0.75, 0.5])
    >>> found.short.round(3).tolist()
    [0.25, 1.0]
    """
    count = np.arange(places + 1.0)
    p = np.clip(computing / places, 1e-200, 1.0 - 1e-15)[:, np.newaxis]
    # In logarithms, since a thousand places have more combinations than a float holds.
    chance = np.exp(_ways(places) + count * np.log(p) + (places - count) * np.log1p(-p))
    wanted, most = count * cores, limit[:, np.newaxis]
    granted = (chance * np.minimum(wanted, most)).sum(axis=1)
    speed = granted / (chance * wanted).sum(axis=1)
    over = np.maximum(0.0, 1.0 - most / np.maximum(wanted, 1e-9))
    # By rounding, what is never short could pass for a hair slower than it is.
    short = (chance * (wanted > most)).sum(axis=1)
    speed[short == 0.0] = 1.0
    return Shares(granted, speed, 1.0 - chance[:, 0], short, (chance * over).sum(axis=1))


@cache
def _ways(places: int) -> Floats:
    """Logarithms of the binomial coefficients."""
    whole = lgamma(places + 1)
    return np.array([whole - lgamma(k + 1) - lgamma(places - k + 1) for k in range(places + 1)])


def throttle(cores: Cores, params: Params) -> None:
    """Slow the pods whose demand, that of the tick before, is above their limit of now."""
    cores.limit[:] = params.cpu_limit
    for cut in params.bends.cpu_cuts:
        cores.limit[cut.pods] /= cut.factor
    found = shares(cores.computing, params.concurrency, params.cpu_per_request, cores.limit)
    params.bends.speed *= found.speed


def account(cores: Cores, params: Params, sample: Sample, dead: Sequence[int] = ()) -> None:
    """Count what the tick has used; comes after `serving.serve`.

    A request that waits for the feature read computes nothing, and one that hangs on a `dead`
    pod neither.
    """
    computing = params.service_ms / np.maximum(params.bends.speed, 1e-9)
    cores.computing = sample.busy_ms / sample.dt * (computing / (computing + params.dependency_ms))
    cores.computing[list(dead)] = 0.0
    found = shares(cores.computing, params.concurrency, params.cpu_per_request, cores.limit)
    lasted = sample.dt * sample.weight
    throttled = found.short * (lasted / PERIOD_MS)
    cores.used += found.granted * (lasted / 1000.0)
    cores.periods += found.active * (lasted / PERIOD_MS)
    cores.throttled += throttled
    cores.throttled_seconds += found.still * (lasted / 1000.0)
    for cut in params.bends.cpu_cuts:
        sample.hit(cut.fault, int(np.ceil(throttled[cut.pods].sum())))
