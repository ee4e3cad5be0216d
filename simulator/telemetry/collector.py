"""Scraping the exporters into one table of the store.

All targets are scraped at once, as one row of one table. A series that is no longer exposed
gets one staleness marker; a failed scrape means `up` 0 and stale series of that target.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np

from simulator.monitors import MonitorRunner
from simulator.pipeline.laws import Params
from simulator.pipeline.monitoring import FailureLaw, MonitoringLaws, failing_faults
from simulator.pipeline.world import World
from simulator.telemetry.exporter import Exporter, ScrapeContext
from simulator.telemetry.link_counts import LinkCounts
from simulator.telemetry.store import (
    MISSING,
    STALE,
    Floats,
    Labels,
    SeriesStore,
    SeriesTable,
    is_missing,
    labels_of,
)
from simulator.telemetry.totals import Histogram, Totals

# The series that Prometheus itself adds for every target, in this order.
SCRAPE_METRICS = ("up", "scrape_duration_seconds", "scrape_samples_scraped")
TIMEOUT_SECONDS = 10.0  # Prometheus' default
CONNECT_SECONDS, SAMPLE_SECONDS = 0.004, 1e-5  # measured on a small exporter on loopback
WORKING = MonitoringLaws()
TABLE = "scraped"
# Values of the target's static series; column and value of each dynamic series.
Exposition = tuple[Floats, list[tuple[int, float]]]


class Target:
    """One scrape target: an exporter behind an address, and its columns.

    Parameters
    ----------
    table : SeriesTable
        Shared by all targets: they are scraped at the same times.
    """

    def __init__(self, exporter: Exporter, table: SeriesTable) -> None:
        self.exporter, self.table = exporter, table
        self.labels = {"job": exporter.job, "instance": f"{exporter.job}:9090"}
        static = [self._with_target_labels(labels) for labels in exporter.series()]
        added = [labels_of(self.labels, __name__=name) for name in SCRAPE_METRICS]
        first = int(table.ensure_columns([*static, *added])[0])  # contiguous from here on
        self.static = slice(first, first + len(static))
        self.scrape_metrics = slice(self.static.stop, self.static.stop + len(SCRAPE_METRICS))

    def read(self, scrape: ScrapeContext) -> Exposition:
        """The values of `static`, and columns and values of the dynamic series."""
        dynamic = [
            (self._with_target_labels(labels), value)
            for labels, value in self.exporter.dynamic_series(scrape)
        ]
        series = [labels for labels, _ in dynamic]
        columns = self.table.ensure_columns(series).tolist() if series else []
        values = [value for _, value in dynamic]
        return self.exporter.read(scrape), list(zip(columns, values, strict=True))

    def _with_target_labels(self, labels: Labels) -> Labels:
        return labels_of({**self.labels, **dict(labels)})


class Collector:
    """The scraper of one run.

    Parameters
    ----------
    seed : int
        For scrapes that fail with a probability.

    Attributes
    ----------
    links : LinkCounts
        Of the scrapes; the rest of the monitoring counts there too.
    """

    def __init__(self, exporters: Sequence[Exporter], store: SeriesStore, seed: int = 0) -> None:
        self.exporters = list(exporters)
        self.store = store
        self.seed = seed
        self.links = LinkCounts()
        pods = max((exporter.per_pod for exporter in self.exporters), default=0)
        self.totals = Totals(by_pod=[Histogram() for _ in range(pods)])
        self.table = store.table(TABLE)
        self.targets = [Target(exporter, self.table) for exporter in self.exporters]
        self.exposed = np.zeros(len(self.table.series), bool)  # by column, at the last scrape

    def scrape(
        self,
        t: int,
        world: World,
        params: Params,
        monitors: MonitorRunner,
        laws: MonitoringLaws = WORKING,
    ) -> dict[str, int]:
        """Write one row of every target; return the number of failed scrapes by fault."""
        self.totals.observe_pending()
        scrape = ScrapeContext(world, params, self.totals, monitors)
        failures: dict[str, int] = {}
        expositions: list[Exposition | None] = []
        for target in self.targets:
            faults = self._failed(t, target.exporter.job, laws.scrapes)
            for fault in faults:
                failures[fault] = failures.get(fault, 0) + 1
            self.links.count(f"scrape/{target.exporter.job}", 1, 0 if faults else 1)
            expositions.append(None if faults else target.read(scrape))
        self._write(t, expositions)
        return failures

    def _write(self, t: int, expositions: Sequence[Exposition | None]) -> None:
        """Append each target's exposition (None: the scrape failed) and its scrape metrics."""
        row = np.full(len(self.table.series), MISSING)
        for target, exposition in zip(self.targets, expositions, strict=True):
            if exposition is not None:
                row[target.static] = exposition[0]
                for column, value in exposition[1]:
                    row[column] = value
        exposed = ~is_missing(row)
        for target, exposition in zip(self.targets, expositions, strict=True):
            if exposition is None:  # Prometheus gives up after its timeout
                row[target.scrape_metrics] = 0.0, TIMEOUT_SECONDS, 0.0
            else:
                samples = int(np.count_nonzero(exposed[target.static])) + len(exposition[1])
                seconds = CONNECT_SECONDS + samples * SAMPLE_SECONDS
                row[target.scrape_metrics] = 1.0, seconds, samples
            exposed[target.scrape_metrics] = True
        before = len(self.exposed)  # series may have been added since
        row[:before][self.exposed > exposed[:before]] = STALE
        self.table.append(t, row)
        self.exposed = exposed

    def fork(self, store: SeriesStore, seed: int = 0) -> Collector:
        """The same counters over another store: a history goes on as a run."""
        forked = Collector(self.exporters, store, seed)
        forked.totals = copy.deepcopy(self.totals)
        forked.exposed = self.exposed.copy()
        return forked

    def _failed(self, t: int, job: str, laws: Mapping[str, list[FailureLaw]]) -> list[str]:
        return failing_faults(laws[job], f"scrape/{job}", t, self.seed) if job in laws else []
