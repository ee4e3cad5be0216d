"""The gateway during a tick: limits of length, load shedding, fallback answers, in this order.

Here the verdicts of a tick are made; the queueing kernels apply them when an attempt arrives, so
that retries of the same tick pass the gateway too, after the clients' budget and breaker.
"""

import math

import numpy as np

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.model import fallback
from simulator.pipeline.requests import ID, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic.gateway import ALL, Gateway, LengthLimit
from simulator.pipeline.traffic.verdicts import CLASSLESS, Verdicts
from simulator.pipeline.world import World

# The gateway measures the offered load over this time: at 50 requests per second it errs by
# 1 / sqrt(2 * 30 * 50), 2 %, and a new load is measured within a minute.
MEASURE_MS = 30_000.0


def admit(world: World, params: Params, arrivals: Floats, seed: int, sample: Sample) -> None:
    """Set `params.verdicts` for the tick; cut requests that are too long, in place.

    Called in ticks in which `world.gateway` is active; `arrivals`, shape (requests, COLUMNS), are
    first attempts.
    """
    gateway, t = world.gateway, sample.t
    classes = params.classes or CLASSLESS
    limit, longest = gateway.length_limit, math.inf
    if limit is not None and limit.truncates:
        truncate(limit, arrivals)
        for queue in (world.queue, *(pool.queue for pool in world.pools.values())):
            truncate(limit, queue.retrying)
    elif limit is not None:
        longest = limit.longest
    verdicts = Verdicts(seed, classes, np.zeros(len(classes)), longest)
    if gateway.shedding and not gateway.offered:
        counts = verdicts.count(arrivals[:, ID])
        gateway.offered = {name: counts.get(name, 0) * 1000.0 / sample.dt for name, _ in classes}
    refused = np.array([_refused_share(gateway, name) for name, _ in classes])
    law = gateway.fallback

    def answers(rows: Floats) -> Bools:
        assert law is not None
        return fallback.applies(law, params, t, rows, seed)

    served = law is None or law.needs_server
    params.verdicts = Verdicts(seed, classes, refused, longest, None if served else answers)


def measure(gateway: Gateway, sample: Sample) -> None:
    """Measure the offered load at the end of a tick, where anything is shed."""
    if not gateway.shedding:
        return
    weight = -math.expm1(-sample.dt / MEASURE_MS)
    for name, rate in gateway.offered.items():
        measured = sample.offered.get(name, 0) * 1000.0 / sample.dt
        gateway.offered[name] = rate + weight * (measured - rate)


def cut_length(limit: LengthLimit) -> float:
    """The length of a request that was cut: of an uncut one it is never exactly this."""
    return math.nextafter(limit.longest, 0.0)


def truncate(limit: LengthLimit, rows: Floats) -> None:
    """Cut requests to the limit, in place."""
    rows[rows[:, WORK] > limit.longest, WORK] = cut_length(limit)


def _refused_share(gateway: Gateway, name: str) -> float:
    """The share of the attempts of a class that is refused: the stricter rule holds."""
    share = 0.0
    for key in dict.fromkeys((ALL, name)):
        rule = gateway.shedding.get(key)
        if rule is None:
            continue
        share = max(share, rule.share)
        if rule.rate is not None:
            offered = sum(gateway.offered.values()) if key == ALL else gateway.offered[key]
            share = max(share, 1.0 - rule.rate / offered if offered > rule.rate else 0.0)
    return share
