"""What the active faults do to the laws of one tick.

A fault's `bend` adds to these lists, or multiplies these numbers. `Bends` is made anew for every
tick, so that a fault that has ended leaves nothing behind: whatever a fault bends has to be a
field here, with a default that changes nothing.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.model.label_recording import RecordingLaw
from simulator.pipeline.monitoring import MonitoringLaws
from simulator.pipeline.rows import LabelLaw, MixLaw, RowLaw


@dataclass(frozen=True, eq=False)
class FaultyPods:
    """Pods, as a mask of shape (slots,), on which a fault bites."""

    fault: str
    pods: Bools


@dataclass(frozen=True, eq=False)
class LeakingPods(FaultyPods):
    """Bytes that each of the pods leaks a second, and with every request."""

    per_second: float
    per_request: float


@dataclass(frozen=True, eq=False)
class CpuCut(FaultyPods):
    """The CPU limit of the pods is divided by `factor`."""

    factor: float


@dataclass(frozen=True, eq=False)
class LargerBatches(FaultyPods):
    """Batches of the pods may be `size` times as large, sequences are `length` times as long."""

    size: float
    length: float


@dataclass(frozen=True, eq=False)
class SkewedPods(FaultyPods):
    """The serving code of the pods changes a column of the rows that it scores."""

    law: RowLaw


@dataclass(frozen=True)
class FaultyNode:
    """A node on which a fault bites."""

    fault: str
    node: int


@dataclass(frozen=True)
class Surge:
    """Requests per second on top of the base traffic."""

    fault: str
    rate: float


@dataclass(frozen=True)
class FaultShare:
    """The share of some work on which a fault bites."""

    fault: str
    share: float


@dataclass(frozen=True)
class LengthenedRequests(FaultShare):
    """A share of the requests is `factor` times as long."""

    factor: float


@dataclass(frozen=True)
class DuplicatedRows(FaultShare):
    """A share of the rows is delivered `copies` more times.

    `where` (column, low, high) and `label` limit it to a part of the rows.
    """

    copies: int
    where: tuple[int, float, float] | None = None
    label: int | None = None

    @property
    def selects(self) -> bool:
        """Whether the copies are of a part of the rows, so that it weighs more."""
        return self.where is not None or self.label is not None

    def affected(self, rows: Floats, label: NDArray[np.int8], draw: Floats) -> Bools:
        """The rows that are delivered again, shape (rows,), by a uniform draw of each."""
        mask: Bools = draw < self.share
        if self.where is not None:
            column, low, high = self.where
            mask &= (rows[:, column] >= low) & (rows[:, column] <= high)
        if self.label is not None:
            mask &= label == self.label
        return mask


@dataclass(frozen=True)
class LabelLeak(FaultShare):
    """In a share of the logged rows a column gives the label away, by `strength` spreads."""

    column: int
    strength: float


@dataclass(frozen=True)
class PoisonedLabels(FaultShare):
    """A share of the training rows with this label is turned to the other label."""

    label: int


@dataclass(frozen=True)
class IncompleteMaterialization:
    """A share of the entities whose rows a materialization run does not bring.

    Attributes
    ----------
    ms : int
        How far what is known of them lies behind the run.
    cap : int, optional
        Rows that a truncated file brings at most. `share` is of those beyond.
    """

    fault: str
    views: tuple[str, ...]
    share: float
    ms: int
    cap: int | None = None

    def missing_share(self, rows: int) -> float:
        """The share of the entities of which a run that covers so many rows brings nothing.

        Examples
        --------
        >>> half = IncompleteMaterialization("cap", ("view",), 1.0, 0, cap=500)
        >>> half.missing_share(400), half.missing_share(1000), half.missing_share(2000)
        (0.0, 0.5, 0.75)
        """
        beyond = 1.0 if self.cap is None else max(0, rows - self.cap) / max(1, rows)
        return self.share * beyond


@dataclass(frozen=True)
class JobFailure:
    """Attempts of a job fail with this error."""

    fault: str
    error: str


@dataclass(frozen=True)
class MissingSource:
    """A source delivers no rows, or a part of them.

    Attributes
    ----------
    missing : float
        The share of the rows that are not there.
    in_part : bool
        Whether its partition exists: no job waits for it, and none is refused.
    """

    fault: str
    source: str
    missing: float = 1.0
    in_part: bool = False


@dataclass(frozen=True)
class TakenSlots:
    """Slots of a pool that others hold."""

    fault: str
    pool: str
    slots: int


@dataclass(frozen=True)
class VolumeFill:
    """Bytes a second that others write to a volume."""

    fault: str
    volume: str
    per_second: float


@dataclass(frozen=True)
class LandsOn:
    """A fault has landed once a tick counts this unit of work.

    For faults whose unit is counted only where the bent law made the difference.
    """

    fault: str
    unit: str


@dataclass
class Bends:
    """The bent laws of one tick; a new one changes nothing."""

    speed: Floats  # of each replica, shape (slots,); 1 is normal
    error_share: Floats  # of the answers of each replica that are 500, shape (slots,)
    dependency_factor: float = 1.0  # times as long as usual a feature read takes
    # serving
    erroring: list[FaultyPods] = field(default_factory=list)
    slowdowns: list[FaultyPods] = field(default_factory=list)
    memory_leaks: list[LeakingPods] = field(default_factory=list)
    cpu_cuts: list[CpuCut] = field(default_factory=list)
    batch_growth: list[LargerBatches] = field(default_factory=list)
    # traffic
    surges: list[Surge] = field(default_factory=list)
    longer_requests: list[LengthenedRequests] = field(default_factory=list)
    # rows, labels, the model
    mix_laws: list[MixLaw] = field(default_factory=list)  # which rows are asked about
    row_laws: list[RowLaw] = field(default_factory=list)  # what the source delivers of them
    serving_skew: list[SkewedPods] = field(default_factory=list)
    label_laws: list[LabelLaw] = field(default_factory=list)  # their true labels
    label_recording: list[RecordingLaw] = field(default_factory=list)  # which labels are recorded
    label_leaks: list[LabelLeak] = field(default_factory=list)
    duplicated_rows: list[DuplicatedRows] = field(default_factory=list)
    wrong_artefacts: list[FaultShare] = field(default_factory=list)  # of the requests
    failed_pulls: list[FaultyPods] = field(default_factory=list)
    poisoned_labels: list[PoisonedLabels] = field(default_factory=list)
    # jobs
    incomplete_materializations: list[IncompleteMaterialization] = field(default_factory=list)
    job_failures: dict[str, list[JobFailure]] = field(default_factory=dict)  # by job
    hanging_jobs: dict[str, str] = field(default_factory=dict)  # job -> fault: its next run hangs
    missing_sources: list[MissingSource] = field(default_factory=list)
    taken_slots: list[TakenSlots] = field(default_factory=list)
    scheduler_down: bool = False
    # cluster
    taken_quota: list[FaultShare] = field(default_factory=list)
    volume_fill: list[VolumeFill] = field(default_factory=list)
    no_space: dict[str, str] = field(default_factory=dict)  # job or store -> its error
    nodes_down: list[FaultyNode] = field(default_factory=list)
    # long training, by node
    node_failures: dict[int, float] = field(default_factory=dict)  # times as often as usual
    node_slowdowns: dict[int, float] = field(default_factory=dict)  # times as long a step
    node_hangs: list[FaultyNode] = field(default_factory=list)
    checkpoint_failures: dict[str, list[FaultShare]] = field(default_factory=dict)  # by run
    # everything
    lands_on: list[LandsOn] = field(default_factory=list)
    monitoring: MonitoringLaws = field(default_factory=MonitoringLaws)

    @classmethod
    def none(cls, slots: int) -> Self:
        """The bends of a pipeline with that many replicas on which no fault bites."""
        return cls(np.ones(slots), np.zeros(slots))
