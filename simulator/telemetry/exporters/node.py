"""The node exporter: size and free space of file systems."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.cluster.laws import VolumeLaw
from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

NAMES = ("node_filesystem_avail_bytes", "node_filesystem_size_bytes")


class NodeExporter(Exporter):
    """Volumes by mount point."""

    job = "node-exporter"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.volumes: list[VolumeLaw] = list(facts["volumes"])

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__=name, mountpoint=f"/{law.name}", device=law.name, fstype="ext4")
            for name in NAMES
            for law in self.volumes
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        sizes = [law.size for law in self.volumes]
        avail = [law.size - scrape.world.volumes[law.name] for law in self.volumes]
        return np.array([*avail, *sizes])
