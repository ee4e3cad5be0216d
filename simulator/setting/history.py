"""The time before the drill, by the same laws: rows, labels and series exist at its start.

A day at 100 requests per second is 8.6 million of them, 13 s of work for a drill of 3 s.
What a drill sees of its past needs fewer: as many rows as the offline store keeps, labels
that come back in the first hours, counters every five minutes. So of each tick the model
server lives a slice in full, with as many requests as that takes, and each stands for
several (`step.skim`). Load, latencies, queue and hours of the day are those of the real
rate; only the noise of the counters is larger, that of 700 requests instead of all.
"""

from __future__ import annotations

from simulator.monitors import MonitorRunner
from simulator.pipeline.laws import Params
from simulator.pipeline.step import Slice, skim
from simulator.pipeline.traffic.arrivals import DAY_MS, HOUR_MS
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.world import World
from simulator.streams import Streams
from simulator.telemetry.collector import Collector

# Coarser than in the drill, but no gap between scrapes is longer than PromQL's lookback.
# Jobs run at their own times inside a tick.
TICK = 300_000
SEED = 2013
# Requests that a slice has on average, for each row that the offline store keeps of it: the
# number of a Poisson process of 600 is below 8/9 of its mean once in a thousand times.
SPARE = 1.125
# Weights that divide the tick into whole milliseconds.
WEIGHTS = [weight for weight in range(TICK, 0, -1) if TICK % weight == 0]


def start(length: int) -> int:
    """Where a history of at least so many ms begins: whole ticks before 0.

    Examples
    --------
    >>> start(86_400_000), start(1)
    (-86400000, -300000)
    """
    ticks = -(-length // TICK)
    return -ticks * TICK


def live(world: World, params: Params, monitors: MonitorRunner, collector: Collector) -> None:
    """Move the world on to time 0, and scrape it.

    Parameters
    ----------
    world : World
        At rest, at the beginning of its history.
    params, monitors, collector
        Of the setting.
    """
    draws = Customers(Streams(SEED))
    weights = [weight_at(params, t) for t in range(world.now, 0, TICK)]
    # The server's own clock reads 0 when the drill begins, so that what is in service then
    # leaves in time.
    at = -sum(TICK // weight for weight in weights)
    for weight in weights:
        collector.totals.add(skim(world, params, TICK, draws, Slice(at, weight)))
        at += TICK // weight
        if world.now < 0:
            monitors.run(world, params)
            collector.scrape(world.now, world, params, monitors)


def weight_at(params: Params, t: int) -> int:
    """How many requests each one stands for in the tick that begins at `t`."""
    of_day = (params.start_ms_of_day + t) % DAY_MS
    rate = params.rate * float(params.profile[of_day // HOUR_MS])
    wanted = SPARE * params.logged_per_minute / 60.0
    return next((weight for weight in WEIGHTS if weight * wanted <= rate), 1)
