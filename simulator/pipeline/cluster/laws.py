"""Laws of the cluster: autoscaler, volumes, quota."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AutoscalerLaw:
    """What it keeps to."""

    least: int
    most: int
    target: float  # use of the slots of a pod, 0 to 1
    tolerance: float = 0.1  # of the ratio of use and target
    sync_ms: int = 15_000
    stabilisation_ms: int = 300_000  # how long what was needed is still remembered


@dataclass(frozen=True)
class VolumeLaw:
    """A volume, and who needs how much of it: job or store -> bytes."""

    name: str
    size: float
    used: float  # what there is to keep
    needs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class QuotaLaw:
    """What a namespace may have, by resource: pods, and bytes that they promise to need."""

    hard: dict[str, float]
