"""Micrometer: the feature cache in each replica."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster import nodes
from simulator.pipeline.serving.feature_cache import memory_held
from simulator.pipeline.serving.laws import CacheLaw
from simulator.pipeline.world import READY, World
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of

ENTRY_MEMORY = {"__name__": "cache_entry_memory_bytes", "ownership": "owned"}


class MicrometerExporter(Exporter):
    """Hits and misses per pod, since its process started, and the memory of the entries.

    https://docs.micrometer.io/micrometer/reference/reference/cache.html
    """

    job = "feature-cache"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        pools = [facts, *facts.get("serving_pools", ())]
        self.pods = [[f"{pool['pods']}-{i}" for i in range(int(pool["slots"]))] for pool in pools]
        law: CacheLaw | None = facts.get("cache")
        self.measured = law if law is not None and law.memory else None

    def series(self) -> list[Labels]:
        looked_up = [
            {"__name__": "cache_gets_total", "result": result} for result in ("hit", "miss")
        ]
        kinds = [*looked_up, ENTRY_MEMORY] if self.measured else looked_up
        return [
            labels_of(kind, cache="features", pod=pod)
            for pods in self.pods
            for kind in kinds
            for pod in pods
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        return np.concatenate([_read_pool(pool.world, self.measured) for pool in scrape.by_pool()])


def _read_pool(world: World, measured: CacheLaw | None) -> Floats:
    pods = world.replicas
    exposed = pods.phase == READY
    exposed[nodes.dead_pods(world)] = False
    rows = [pods.cache_hits, pods.cache_misses]
    if measured is not None:
        rows.append(memory_held(measured, pods.warmth))
    return np.where(exposed, np.stack(rows), MISSING).ravel()
