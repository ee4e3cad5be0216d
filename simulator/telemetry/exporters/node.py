"""The node exporter: how full file systems are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster.laws import VolumeLaw
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of

NAMES = ("node_filesystem_avail_bytes", "node_filesystem_size_bytes")


class System(collector.System):
    """Volumes by where they are mounted."""

    job = "node-exporter"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.volumes: list[VolumeLaw] = list(facts["volumes"])

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__=name, mountpoint=f"/{law.name}", device=law.name, fstype="ext4")
            for name in NAMES
            for law in self.volumes
        ]

    def read(self, now: Reading) -> Floats:
        sizes = [law.size for law in self.volumes]
        avail = [law.size - now.world.volumes[law.name] for law in self.volumes]
        return np.array([*avail, *sizes])
