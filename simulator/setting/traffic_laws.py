"""Laws of traffic: bursts, and requests at recorded times."""

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.traffic.laws import Burst
from simulator.scenario.traffic import Traffic
from simulator.streams import Streams

# A trace is the same in every run: this seed draws the times within its intervals of counts.
SEED = 2013


def burst_laws(traffic: Traffic) -> tuple[Burst, ...]:
    """Intervals of higher or lower traffic."""
    return tuple(Burst(burst.at, burst.at + burst.lasts, burst.factor) for burst in traffic.bursts)


def trace_times(traffic: Traffic) -> tuple[int, int, Floats] | None:
    """Start and end of the trace, and the times of its requests since the start; all in ms.

    Examples
    --------
    >>> trace_times(Traffic(rate="1/s", trace={"at": "5s", "times": ["0s", "2s"]}))
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
        offset = Streams(SEED).keyed("trace", *map(int, counts[:64])).random(len(begins))
        times = np.sort((begins + offset) * (trace.every or 0))
    return trace.at, trace.at + trace.lasts, times
