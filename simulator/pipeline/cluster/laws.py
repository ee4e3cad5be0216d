"""Laws of the cluster: autoscaler, volumes, quota."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AutoscalerLaw:
    """How the autoscaler decides."""

    least: int  # replicas
    most: int
    target: float  # utilization of the slots of a pod, 0 to 1
    tolerance: float = 0.1  # of the ratio of utilization and target
    sync_ms: int = 15_000
    stabilisation_ms: int = 300_000  # for which recommendations are remembered


@dataclass(frozen=True)
class VolumeLaw:
    """A volume, and the free bytes that its writers (jobs, stores) need."""

    name: str
    size: float
    used: float  # by files that cannot be deleted
    needs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class QuotaLaw:
    """Limits of a namespace by resource: pods, and the bytes that they request."""

    hard: dict[str, float]


@dataclass(frozen=True)
class MachineLaw:
    """How many nodes the model server has at the start, and can have."""

    declared: int = 0
    most: int = 0  # that the cloud's quota of machines allows
    provisioning_ms: int = 240_000  # until a new node takes pods
