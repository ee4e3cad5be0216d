"""Simulates the history before the drill, so that rows, labels and series exist at its start.

A day at 100 requests per second is 8.6 million of them, 13 s of work for a drill of 3 s.
A drill reads less of its past: as many rows as the offline store keeps, labels that arrive
in its first hours, counters every five minutes. So the model server simulates only a slice
of each tick in full, and each of its requests counts for several (`step.step_sampled`). Load,
latencies, queue and hours of the day are those of the real rate; only the noise of the
counters is larger, that of 700 requests instead of all.
"""

from simulator.monitors import MonitorRunner
from simulator.pipeline.laws import Params
from simulator.pipeline.step import Slice, step_sampled
from simulator.pipeline.traffic.arrivals import DAY_MS, HOUR_MS
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.world import World
from simulator.streams import Streams
from simulator.telemetry.collector import Collector

# Coarser than in the drill, but no gap between scrapes is longer than PromQL's lookback.
# Jobs run at their own times inside a tick.
TICK = 300_000
SEED = 2013
# Mean requests of a slice per row that the offline store keeps of it: a Poisson number of mean
# 600 is below 8/9 of its mean once in a thousand times.
SPARE = 1.125
# Weights that divide the tick into whole milliseconds.
WEIGHTS = [weight for weight in range(TICK, 0, -1) if TICK % weight == 0]


def start(length: int) -> int:
    """The beginning of a history of at least `length` ms: whole ticks before 0.

    Examples
    --------
    >>> start(86_400_000), start(1)
    (-86400000, -300000)
    """
    ticks = -(-length // TICK)
    return -ticks * TICK


def simulate(world: World, params: Params, monitors: MonitorRunner, collector: Collector) -> None:
    """Advance the idle world to time 0, with its monitors and scrapes.

    Parameters
    ----------
    world : World
        At the beginning of its history.
    """
    draws = Customers(Streams(SEED))
    weights = [weight_at(params, t) for t in range(world.now, 0, TICK)]
    # The server's own clock reads 0 when the drill begins, so that requests in service then
    # leave in time.
    at = -sum(TICK // weight for weight in weights)
    for weight in weights:
        collector.totals.add(step_sampled(world, params, TICK, draws, Slice(at, weight)))
        at += TICK // weight
        if world.now < 0:
            monitors.run(world, params)
            collector.scrape(world.now, world, params, monitors)


def weight_at(params: Params, t: int) -> int:
    """How many requests a simulated one counts for in the tick that begins at `t`."""
    time_of_day = (params.start_ms_of_day + t) % DAY_MS
    rate = params.rate * float(params.profile[time_of_day // HOUR_MS])
    needed = SPARE * params.logged_per_minute / 60.0
    return next((weight for weight in WEIGHTS if weight * needed <= rate), 1)
