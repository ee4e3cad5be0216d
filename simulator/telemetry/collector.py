"""Counting what happens, and scraping it.

Counters and histograms live with the processes that export them, so they are kept here
and not in the world. Each target is scraped as one row of one table.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.monitors import Watch
from simulator.pipeline.world import Floats, Params, Sample, World
from simulator.telemetry.store import Labels, Store, Table, labels_of

# Upper bounds of the latency histograms, seconds: client_python's defaults.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_BOUNDS_MS = np.array(BUCKETS) * 1000.0


@dataclass
class Histogram:
    """Cumulative bucket counts, count and sum in seconds, as Prometheus exposes them."""

    counts: Floats = field(default_factory=lambda: np.zeros(len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, parts: Sequence[Floats]) -> None:
        """Count latencies, in ms."""
        values = np.concatenate(parts) if parts else np.zeros(0)
        if len(values):
            # A value on a bound belongs to the bucket of that bound (le).
            places = _BOUNDS_MS.searchsorted(values, side="left")
            self.counts += np.bincount(places, minlength=len(BUCKETS) + 1)
            self.total += float(values.sum()) / 1000.0

    def row(self) -> Floats:
        """Buckets (le ascending, +Inf last), sum and count: the order of `histogram`."""
        cumulative = self.counts.cumsum()
        return np.concatenate([cumulative, [self.total, cumulative[-1]]])


def histogram(name: str, **labels: str) -> list[Labels]:
    """The series of a histogram, in the order of `Histogram.row`."""
    bounds = [f"{bound:g}" for bound in BUCKETS] + ["+Inf"]
    buckets = [labels_of(__name__=f"{name}_bucket", le=bound, **labels) for bound in bounds]
    tail = [labels_of(__name__=f"{name}_{part}", **labels) for part in ("sum", "count")]
    return buckets + tail


@dataclass
class Totals:
    """Counters since the processes started."""

    served: float = 0.0
    shed: float = 0.0
    timed_out: float = 0.0
    failed: float = 0.0
    arrived: float = 0.0
    scored: float = 0.0
    present: float = 0.0
    null: float = 0.0
    outside_max_age: float = 0.0
    busy_seconds: Floats = field(default_factory=lambda: np.zeros(0))
    latency: Histogram = field(default_factory=Histogram)
    predict: Histogram = field(default_factory=Histogram)
    dependency: Histogram = field(default_factory=Histogram)
    # Latencies wait for the next scrape: one histogram call for three ticks.
    waiting: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Count one tick."""
        self.served += sample.served
        self.shed += sample.shed
        self.timed_out += sample.timed_out
        self.failed += sample.failed
        self.arrived += sample.arrived
        self.scored += sample.scored
        self.present += sample.fresh
        self.null += sample.null
        self.outside_max_age += sample.outside_max_age
        if len(sample.busy_ms):
            if len(self.busy_seconds) != len(sample.busy_ms):
                self.busy_seconds = np.zeros(len(sample.busy_ms))
            self.busy_seconds += sample.busy_ms / 1000.0
        if len(sample.latency_ms):
            self.waiting.append((sample.latency_ms, sample.predict_ms, sample.dependency_ms))

    def settle(self) -> None:
        """Put the waiting latencies into their histograms."""
        if self.waiting:
            latency, predict, dependency = zip(*self.waiting, strict=True)
            self.latency.add(latency)
            self.predict.add(predict)
            self.dependency.add(dependency)
            self.waiting = []


@dataclass(frozen=True)
class Reading:
    """What a system may read at a scrape."""

    world: World
    params: Params
    totals: Totals
    watch: Watch


class System:
    """Base of the systems that a pipeline plays: its series and how they are read.

    A system whose series change with time (a version label) says so in `more`.
    """

    job = ""

    def series(self) -> list[Labels]:
        """Its series, without job and instance."""
        raise NotImplementedError

    def read(self, now: Reading) -> Floats:
        """Their values, in the same order; MISSING where there is no sample."""
        raise NotImplementedError


class Collector:
    """The scraper of one run.

    Parameters
    ----------
    systems : sequence of System
    store : Store
    """

    def __init__(self, systems: Sequence[System], store: Store) -> None:
        self.systems = list(systems)
        self.store = store
        self.totals = Totals()
        self._tables: list[Table] = []
        for system in self.systems:
            target = {"job": system.job, "instance": f"{system.job}:9090"}
            own = [labels_of({**target, **dict(labels)}) for labels in system.series()]
            up = labels_of({**target, "__name__": "up"})
            scraped = labels_of({**target, "__name__": "scrape_samples_scraped"})
            self._tables.append(store.table(system.job, [*own, up, scraped]))

    def scrape(self, t: int, world: World, params: Params, watch: Watch) -> None:
        """Write one row for every target."""
        self.totals.settle()
        now = Reading(world, params, self.totals, watch)
        for system, table in zip(self.systems, self._tables, strict=True):
            values = system.read(now)
            table.append(t, np.concatenate([values, [1.0, float(len(values))]]))

    def fork(self, store: Store) -> Collector:
        """The same counters over another store: a history goes on as a run."""
        other = Collector(self.systems, store)
        other.totals = copy.deepcopy(self.totals)
        return other
