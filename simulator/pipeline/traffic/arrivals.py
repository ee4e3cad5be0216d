"""Arrivals: the first attempts of a tick.

The base follows the profile of the day, bursts and recordings; surges come on top. Each is a rate
by which the points of a plane are thinned (see customers.py).
"""

from itertools import pairwise

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import AT, SINCE, UNTIL
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic.customers import Customers

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def arrive(params: Params, customers: Customers, sample: Sample) -> Floats:
    """First attempts of one tick, by arrival, shape (requests, COLUMNS).

    `rate`, `profile`, `bursts` and `trace` give the base, `bends.surges` comes on top; a surge is
    hit by every request that it brings.
    """
    end = sample.t + sample.dt
    parts = [
        _base(params, customers, start, stop)
        for start, stop in pairwise(_edges(params, sample.t, end))
    ]
    for surge in params.bends.surges:
        name = f"surge/{surge.fault}"
        rows = customers.points(name, sample.t, end, params.work, surge.rate)
        sample.hit(surge.fault, len(rows))
        parts.append(rows)
    if len(parts) == 1:
        rows = parts[0]
    else:
        rows = np.concatenate(parts)
        rows = rows[np.argsort(rows[:, AT], kind="stable")]
    rows[:, UNTIL] = rows[:, SINCE] + params.timeout_ms
    return rows


def expected_requests(params: Params, start: int, stop: int) -> float:
    """The expected number of base requests between two times; of a recording, the exact number.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from simulator.pipeline.traffic.laws import Burst
    >>> laws = SimpleNamespace(rate=2.0, profile=np.full(24, 0.5), start_ms_of_day=0, trace=None,
    ...                        bursts=(Burst(60_000, 120_000, 3.0),))
    >>> expected_requests(laws, 0, 60_000), expected_requests(laws, 0, 120_000)
    (60.0, 240.0)
    """
    return sum(
        _count_recorded(params.trace, begin, end)
        if params.trace is not None and params.trace[0] <= begin < params.trace[1]
        else _rate(params, begin) * (end - begin) / 1000.0
        for begin, end in pairwise(_edges(params, start, stop))
    )


def _count_recorded(trace: tuple[int, int, Floats], start: int, stop: int) -> float:
    first, last = trace[2].searchsorted((start - trace[0], stop - trace[0]))
    return float(last - first)


def _edges(params: Params, start: int, stop: int) -> list[int]:
    """The times at which the base may change between two times, with both of them."""
    # The profile is a step function of the hour of day.
    hour = start + HOUR_MS - (params.start_ms_of_day + start) % HOUR_MS
    if hour >= stop and not params.bursts and params.trace is None:
        return [start, stop]
    edges = {start, stop, *range(hour, stop, HOUR_MS)}
    spans = [(burst.start, burst.stop) for burst in params.bursts]
    if params.trace is not None:
        spans.append(params.trace[:2])
    edges.update(edge for span in spans for edge in span if start < edge < stop)
    return sorted(edges)


def _base(params: Params, customers: Customers, start: int, stop: int) -> Floats:
    """Requests of the base over a span in which its rate is constant."""
    if params.trace is not None and params.trace[0] <= start < params.trace[1]:
        return customers.replay(params.trace[2], params.trace[:2], (start, stop), params.work)
    return customers.points("base", start, stop, params.work, _rate(params, start))


def _rate(params: Params, t: int) -> float:
    """Requests per second of the base at a time without a recording."""
    of_day = (params.start_ms_of_day + t) % DAY_MS
    rate = params.rate * float(params.profile[of_day // HOUR_MS])
    for burst in params.bursts:
        rate *= burst.factor if burst.start <= t < burst.stop else 1.0
    return rate
