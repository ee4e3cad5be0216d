"""The service that every request reads its features from, under the load of its callers.

It works on `concurrency` reads at full speed; more of them share it (processor sharing), as do the
reads of callers outside the pipeline. A read then takes `stretch` times its usual time, and since
the server holds a slot meanwhile, more replicas put more reads in flight on a dependency that is
slow already. What callers wait for is in flight, and what they gave up too, if it works on.

Reads are not shared request by request: in a tick all are stretched alike, by what the mean number
in flight of the tick before means where every slot is a caller that reads at random times (the
finite-source queue, with processor sharing, whose means depend on no other property of the work).
Where the law of the tick changes (a fault, a time limit), and until a longer tick has settled, that
number is carried forward in steps of a second. So a chance crowd of reads lasts no longer than a
tick, and tips nothing over that its mean does not.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params, mean_wait
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.laws import DependencyLaw

# ms, in which the number in flight moves to what the stretch makes of it. In truth it takes tens
# of reads; a second is short beside a drill, and gives ticks of any length the same course.
SETTLING_MS = 1000.0
# As many callers as make no difference to more of them.
MANY_CALLERS = 500
# Reads that a caller asks for in the time that one takes alone.
_RATES = np.logspace(-6.0, 6.0, 400)


@dataclass
class DependencyLoad:
    """What the dependency has in flight and has done, and the time limit of its reads."""

    limit_ms: float = inf  # the server waits no longer for a read: an order
    stretch: float = 1.0
    # Means of the tick before:
    waiting: float = 0.0  # reads in flight that requests wait for
    busy: float = 0.0  # slots taken, by those and by what computes
    slots: float = 0.0  # of the ready replicas
    backlog: bool = False  # whether requests waited for a slot at its end
    mean_ms: float = 0.0  # of a read, stretched
    read_limit_ms: float = inf
    # Now:
    abandoned: float = 0.0  # reads in flight that nobody waits for
    others: float = 0.0  # reads in flight of callers outside the pipeline
    # So far, of the pipeline and of the others:
    reads: float = 0.0
    reads_cut: float = 0.0
    read_seconds: float = 0.0
    others_reads: float = 0.0
    others_cut: float = 0.0
    others_seconds: float = 0.0

    @property
    def in_flight(self) -> float:
        """Reads that the dependency works on."""
        return self.waiting + self.abandoned + self.others


def stretch(in_flight: float, concurrency: int, callers: int = MANY_CALLERS) -> float:
    """Times as long as alone a read takes, where so many are in flight on average.

    Parameters
    ----------
    callers : int
        The most reads in flight.

    Examples
    --------
    Of M/M/1, where it is one more than the mean number in flight; and where all of 400 callers
    wait.

    >>> round(stretch(0.5, 1), 2), round(stretch(3.0, 1), 1), round(stretch(400.0, 40, 400), 1)
    (1.5, 4.0, 10.0)
    """
    numbers, times = _table(concurrency, min(callers, MANY_CALLERS + 4 * concurrency))
    if in_flight > numbers[-1]:
        return in_flight / concurrency
    # By interpolation an idle dependency could seem a hair slower.
    stretched = float(np.interp(in_flight, numbers, times))
    return stretched if stretched > 1.0 + 1e-6 else 1.0


@lru_cache(maxsize=64)
def _table(concurrency: int, callers: int) -> tuple[Floats, Floats]:
    """Mean numbers in flight, ascending, and the stretch at each.

    Of the finite-source queue M/M/c//N: each caller that waits for no read asks for one at the
    same rate. The chances of n in flight follow from those rates, in logarithms.
    """
    count = np.arange(1, callers + 1)
    rates = np.log((callers - count + 1) / np.minimum(count, concurrency)).cumsum()
    chances = np.append(0.0, rates) + np.arange(callers + 1) * np.log(_RATES)[:, np.newaxis]
    chances = np.exp(chances - chances.max(axis=1, keepdims=True))
    count = np.arange(callers + 1)
    total = chances.sum(axis=1)
    numbers, working = chances @ count / total, chances @ np.minimum(count, concurrency) / total
    return numbers, numbers / working


def begin(load: DependencyLoad, params: Params, dt: int) -> None:
    """Set the time limit and the stretch of the reads of a tick of `dt` ms, before serving."""
    params.read_limit_ms = load.limit_ms
    law = params.dependency
    if law is None:
        return
    settling = float(dt)
    callers = int(load.slots) or MANY_CALLERS
    if law.others_rate or law.finishes_abandoned:
        callers = MANY_CALLERS + 4 * law.concurrency
    while settling > 0.0:
        step = min(settling, SETTLING_MS)
        params.read_stretch = load.stretch
        in_flight = _waiting(load, params) + load.abandoned + _others(law, params)
        stretched = stretch(in_flight, law.concurrency, callers)
        load.stretch += (stretched - load.stretch) * step / SETTLING_MS
        settling -= step
    params.read_stretch = load.stretch


def _waiting(load: DependencyLoad, params: Params) -> float:
    """Reads in flight that requests wait for, at the time that a read takes now.

    In proportion to that time while slots are free; when none are, they are shared by what reads
    and what computes.
    """
    before = mean_wait(load.mean_ms, load.read_limit_ms)
    if before <= 0.0:
        return load.waiting
    growth = mean_wait(params.dependency_ms, params.read_limit_ms) / before
    needed = load.busy + load.waiting * (growth - 1.0)
    if needed <= 0.0:
        return 0.0  # nothing is served: all pods may be gone, with a queue before them
    taken = load.slots / needed if needed > load.slots or load.backlog else 1.0
    return load.waiting * growth * taken


def _others(law: DependencyLaw, params: Params) -> float:
    return law.others_rate / 1000.0 * mean_wait(params.dependency_ms, law.others_timeout_ms)


def account(load: DependencyLoad, params: Params, sample: Sample, slots: int, waits: bool) -> None:
    """Count the reads of a tick, after serving.

    Parameters
    ----------
    slots : int
        Of the ready replicas at the end of the tick.
    waits : bool
        Whether requests wait for a slot at the end of the tick.
    """
    law = params.dependency
    if law is None:
        return
    mean, dt = params.dependency_ms, sample.dt
    load.waiting, load.busy = sample.reading_ms / dt, sample.held_ms / dt
    load.slots, load.backlog = float(slots), waits
    load.mean_ms, load.read_limit_ms = mean, params.read_limit_ms
    load.others = _others(law, params)
    others_reads = law.others_rate / 1000.0 * dt
    others_cut = others_reads * (exp(-law.others_timeout_ms / mean) if mean else 0.0)
    before = load.abandoned
    if law.finishes_abandoned:
        # What is left of an exponential read after the limit is as long as a whole one.
        left = exp(-dt / mean) if mean else 0.0
        given_up = (sample.reads_cut + others_cut) / dt
        load.abandoned = before * left + given_up * mean * (1.0 - left)
    load.reads += sample.weight * sample.reads
    load.reads_cut += sample.weight * sample.reads_cut
    abandoned_ms = (before + load.abandoned) / 2.0 * dt
    load.read_seconds += sample.weight * (sample.reading_ms + abandoned_ms) / 1000.0
    load.others_reads += sample.weight * others_reads
    load.others_cut += sample.weight * others_cut
    load.others_seconds += sample.weight * load.others * dt / 1000.0
