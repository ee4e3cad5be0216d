"""Micrometer: the feature cache in each replica."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster import nodes
from simulator.pipeline.world import READY, World
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of


class MicrometerExporter(Exporter):
    """Hits and misses per pod, since its process started.

    https://docs.micrometer.io/micrometer/reference/reference/cache.html
    """

    job = "feature-cache"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        pools = [facts, *facts.get("serving_pools", ())]
        self.pods = [[f"{pool['pods']}-{i}" for i in range(int(pool["slots"]))] for pool in pools]

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__="cache_gets_total", cache="features", result=result, pod=pod)
            for pods in self.pods
            for result in ("hit", "miss")
            for pod in pods
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        return np.concatenate([_read_pool(pool.world) for pool in scrape.by_pool()])


def _read_pool(world: World) -> Floats:
    pods = world.replicas
    exposed = pods.phase == READY
    exposed[nodes.dead_pods(world)] = False
    return np.where(exposed, np.stack([pods.cache_hits, pods.cache_misses]), MISSING).ravel()
