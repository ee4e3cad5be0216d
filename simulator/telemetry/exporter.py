"""The exporter of one played system: its series, and their values at a scrape."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from simulator.monitors import MonitorRunner
from simulator.pipeline.laws import Params
from simulator.pipeline.serving import replica_pools
from simulator.pipeline.world import World
from simulator.telemetry.store import MISSING, Floats, Labels, labels_of
from simulator.telemetry.totals import Totals

__all__ = ["MISSING", "Exporter", "Floats", "Labels", "ScrapeContext", "labels_of"]


@dataclass(frozen=True)
class ScrapeContext:
    """The state that exporters may read at a scrape."""

    world: World
    params: Params
    totals: Totals
    monitors: MonitorRunner

    def by_pool(self) -> Iterator[Self]:
        """The state of each pool of replicas, the main one's first."""
        yield self
        for world, params in replica_pools.views(self.world, self.params):
            yield replace(self, world=world, params=params)


class Exporter:
    """Base of the exporters: the series of a system and how they are read.

    Series that come and go (a version label) are yielded by `dynamic_series`;
    `dynamic_series_examples` shows their form.

    Attributes
    ----------
    job : str
        The scrape job.
    per_pod : int
        Number of pods that it exposes by themselves; 0 for all of them together.
    """

    job = ""
    per_pod = 0

    def series(self) -> list[Labels]:
        """Its series, without job and instance."""
        raise NotImplementedError

    def read(self, scrape: ScrapeContext) -> Floats:
        """Their values, in the same order; MISSING where there is no sample."""
        raise NotImplementedError

    def dynamic_series(self, scrape: ScrapeContext) -> Iterable[tuple[Labels, float]]:
        """Series exposed now that may be absent at the next scrape."""
        return ()

    def dynamic_series_examples(self) -> list[tuple[Labels, frozenset[str]]]:
        """An example of each dynamic series, and its labels that may hold any value."""
        return []
