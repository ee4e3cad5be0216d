"""Counting what happens, and scraping it.

Counters and histograms live with the processes that export them, so they are kept here
and not in the world. All targets are scraped at once, as one row of one table. What is no
longer exposed gets a stale marker, once; a scrape that fails is `up` 0 and that for all the
rest.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.monitors import MonitorRunner
from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.monitoring import Failing, Watching, failed
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.telemetry.store import (
    MISSING,
    STALE,
    Labels,
    SeriesStore,
    SeriesTable,
    is_missing,
    labels_of,
)

# Upper bounds of the latency histograms, seconds: client_python's defaults.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
# Of prompts, in tokens: one, two and five, as vLLM has them.
TOKENS = tuple(float(digit * 10**power) for power in range(5) for digit in (1, 2, 5))
# What Prometheus itself says of every target, in this order.
SCRAPE_METRICS = ("up", "scrape_duration_seconds", "scrape_samples_scraped")
TIMEOUT_SECONDS = 10.0  # Prometheus' default
CONNECT_SECONDS, SAMPLE_SECONDS = 0.004, 1e-5  # measured on a small exporter on loopback
WORKING = Watching()
TABLE = "scraped"
Read = tuple[Floats, list[tuple[int, float]]]  # the system's own series; others by column


@dataclass
class Histogram:
    """Cumulative bucket counts, count and sum, as Prometheus exposes them.

    Parameters
    ----------
    bounds : sequence of float
        Upper bounds of the buckets, as they are exposed.
    scale : float
        How many times as large the values are that are counted: ms for seconds.
    """

    bounds: Sequence[float] = BUCKETS
    scale: float = 1000.0
    upto: Floats = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self._edges = np.array(self.bounds) * self.scale
        self.upto = np.zeros(len(self.bounds) + 1)

    def add(self, parts: Sequence[Floats], weight: int = 1) -> None:
        """Count values, each of them so many times."""
        values = np.concatenate(parts) if parts else np.zeros(0)
        if len(values):
            self.total += weight * float(values.sum()) / self.scale
            # In order, 14 bounds are looked for among 1,500 values and not the other way
            # round: a third of the time. A value on a bound belongs to its bucket (le).
            values.sort()
            self.upto[:-1] += weight * values.searchsorted(self._edges, side="right")
            self.upto[-1] += weight * len(values)

    def row(self) -> Floats:
        """Buckets (le ascending, +Inf last), sum and count: the order of `histogram`."""
        return np.concatenate([self.upto, [self.total, self.upto[-1]]])


def histogram(name: str, bounds: Sequence[float] = BUCKETS, **labels: str) -> list[Labels]:
    """The series of a histogram, in the order of `Histogram.row`."""
    ends = [f"{bound:g}" for bound in bounds] + ["+Inf"]
    buckets = [labels_of(__name__=f"{name}_bucket", le=end, **labels) for end in ends]
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
    handled: float = 0.0
    executed: float = 0.0
    kept_away: float = 0.0
    spared: float = 0.0
    present: float = 0.0
    null: float = 0.0
    outside_max_age: float = 0.0
    busy_seconds: Floats = field(default_factory=lambda: np.zeros(0))
    latency: Histogram = field(default_factory=Histogram)
    predict: Histogram = field(default_factory=Histogram)
    dependency: Histogram = field(default_factory=Histogram)
    tokens: Histogram = field(default_factory=lambda: Histogram(TOKENS, scale=1.0))
    by_pod: list[Histogram] = field(default_factory=list)  # predict, where pods are told apart
    # Latencies wait for the next scrape: one histogram call for three ticks.
    waiting: list[tuple[int, Floats, Floats, Floats, Ints]] = field(default_factory=list)
    # What Prometheus and Alertmanager count of themselves, by metric or metric/integration.
    watching: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample) -> None:
        """Count one tick."""
        weight = sample.weight
        self.served += weight * sample.served
        self.shed += weight * (sample.shed - sample.kept_away)  # those never reached the server
        self.timed_out += weight * sample.timed_out
        self.failed += weight * sample.failed
        self.arrived += weight * sample.arrived
        self.scored += weight * sample.scored
        self.handled += weight * sample.handled
        self.executed += weight * sample.executed
        self.kept_away += weight * sample.kept_away
        self.spared += weight * sample.spared
        self.present += weight * sample.fresh
        self.null += weight * sample.null
        self.outside_max_age += weight * sample.outside_max_age
        if len(sample.busy_ms):
            if len(self.busy_seconds) != len(sample.busy_ms):
                self.busy_seconds = np.zeros(len(sample.busy_ms))
            self.busy_seconds += sample.busy_ms * (weight / 1000.0)
        if len(sample.tokens):
            self.tokens.add([sample.tokens], weight)
        if len(sample.latency_ms):
            self.waiting.append(
                (weight, sample.latency_ms, sample.predict_ms, sample.dependency_ms, sample.slot)
            )

    def settle(self) -> None:
        """Put the waiting latencies into their histograms."""
        for weight in {waiting[0] for waiting in self.waiting}:
            same = [waiting[1:] for waiting in self.waiting if waiting[0] == weight]
            latency, predict, dependency, slot = zip(*same, strict=True)
            self.latency.add(latency, weight)
            self.predict.add(predict, weight)
            self.dependency.add(dependency, weight)
            for pod, own in enumerate(self.by_pod):
                own.add([ms[to == pod] for ms, to in zip(predict, slot, strict=True)], weight)
        self.waiting = []


@dataclass(frozen=True)
class Reading:
    """What a system may read at a scrape."""

    world: World
    params: Params
    totals: Totals
    monitors: MonitorRunner


class System:
    """Base of the systems that a pipeline plays: its series and how they are read.

    A system whose series change with time (a version label) yields those in `more`, and says
    in `may` what they look like.
    Attributes
    ----------
    job : str
        Under which it is scraped.
    apart : int
        Of how many pods it tells each by itself; 0 for all of them together.
    """

    job = ""
    apart = 0

    def series(self) -> list[Labels]:
        """Its series, without job and instance."""
        raise NotImplementedError

    def read(self, now: Reading) -> Floats:
        """Their values, in the same order; MISSING where there is no sample."""
        raise NotImplementedError

    def more(self, now: Reading) -> Iterable[tuple[Labels, float]]:
        """Series that are there now and need not be at the next scrape."""
        return ()

    def may(self) -> list[tuple[Labels, frozenset[str]]]:
        """An example of each of those, and which of its labels may hold anything."""
        return []


class Target:
    """One target: a system behind an address, and its columns.

    Parameters
    ----------
    system : System
    table : SeriesTable
        Of all targets: they are scraped at the same times.
    """

    def __init__(self, system: System, table: SeriesTable) -> None:
        self.system, self.table = system, table
        self.labels = {"job": system.job, "instance": f"{system.job}:9090"}
        own = [self._named(labels) for labels in system.series()]
        about = [labels_of(self.labels, __name__=name) for name in SCRAPE_METRICS]
        first = int(table.ensure_columns([*own, *about])[0])  # one after the other from here on
        self.own = slice(first, first + len(own))
        self.about = slice(self.own.stop, self.own.stop + len(SCRAPE_METRICS))

    def read(self, now: Reading) -> Read:
        """What it exposes: the values of `own`, and columns of series that change with time."""
        more = [(self._named(labels), value) for labels, value in self.system.more(now)]
        columns = self.table.ensure_columns([labels for labels, _ in more]).tolist() if more else []
        values = [value for _, value in more]
        return self.system.read(now), list(zip(columns, values, strict=True))

    def _named(self, labels: Labels) -> Labels:
        return labels_of({**self.labels, **dict(labels)})


class Collector:
    """The scraper of one run.

    Parameters
    ----------
    systems : sequence of System
    store : SeriesStore
    seed : int
        For scrapes that fail now and then.
    """

    def __init__(self, systems: Sequence[System], store: SeriesStore, seed: int = 0) -> None:
        self.systems = list(systems)
        self.store = store
        self.seed = seed
        apart = max((system.apart for system in self.systems), default=0)
        self.totals = Totals(by_pod=[Histogram() for _ in range(apart)])
        self.table = store.table(TABLE)
        self.targets = [Target(system, self.table) for system in self.systems]
        self.there = np.zeros(len(self.table.series), bool)  # at the last scrape

    def scrape(
        self,
        t: int,
        world: World,
        params: Params,
        monitors: MonitorRunner,
        laws: Watching = WORKING,
    ) -> dict[str, int]:
        """Write one row of every target; which faults made how many scrapes fail."""
        self.totals.settle()
        now = Reading(world, params, self.totals, monitors)
        hits: dict[str, int] = {}
        found = []
        for target in self.targets:
            faults = self._failed(t, target.system.job, laws.scrapes)
            for fault in faults:
                hits[fault] = hits.get(fault, 0) + 1
            found.append(None if faults else target.read(now))
        self._write(t, found)
        return hits

    def _write(self, t: int, found: Sequence[Read | None]) -> None:
        """What each target exposed (None: it could not be scraped), and what Prometheus adds."""
        row = np.full(len(self.table.series), MISSING)
        for target, read in zip(self.targets, found, strict=True):
            if read is not None:
                row[target.own] = read[0]
                for column, value in read[1]:
                    row[column] = value
        there = ~is_missing(row)
        for target, read in zip(self.targets, found, strict=True):
            if read is None:  # Prometheus gives up after its timeout
                row[target.about] = 0.0, TIMEOUT_SECONDS, 0.0
            else:
                samples = int(np.count_nonzero(there[target.own])) + len(read[1])
                row[target.about] = 1.0, CONNECT_SECONDS + samples * SAMPLE_SECONDS, samples
            there[target.about] = True
        before = len(self.there)  # series may have been added since
        row[:before][self.there > there[:before]] = STALE
        self.table.append(t, row)
        self.there = there

    def fork(self, store: SeriesStore, seed: int = 0) -> Collector:
        """The same counters over another store: a history goes on as a run."""
        other = Collector(self.systems, store, seed)
        other.totals = copy.deepcopy(self.totals)
        other.there = self.there.copy()
        return other

    def _failed(self, t: int, job: str, laws: Mapping[str, list[Failing]]) -> list[str]:
        return failed(laws[job], f"scrape/{job}", t, self.seed) if job in laws else []
