"""The limits of the model server's pods: what a new pod gets, and what each pod has.

A pod keeps the limits with which it was created. Others are for its successor: pods whose limits
are not those of the deployment are replaced, one after the other, as in any rollout.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.laws import Params


@dataclass(frozen=True)
class PodLimits:
    """What one pod may use; bytes and cores, 0 where the pipeline declares none.

    Attributes
    ----------
    memory : float
        At which the kernel kills its process.
    request : float
        Memory that its node and the quota set aside for it.
    cpu : float
    accelerator : float
        Memory of its accelerator.
    """

    memory: float
    request: float
    cpu: float = 0.0
    accelerator: float = 0.0

    @classmethod
    def of(cls, params: Params) -> Self:
        """Those of the pipeline."""
        size = params.gpu.size if params.gpu is not None else 0.0
        return cls(params.memory_limit, params.memory_request, params.cpu_limit, size)

    def exceeds(self, other: "PodLimits") -> bool:
        """Whether any of them is above the other's.

        Examples
        --------
        >>> PodLimits(2.0, 1.0).exceeds(PodLimits(1.0, 1.0))
        True
        """
        return (
            self.memory > other.memory
            or self.request > other.request
            or self.cpu > other.cpu
            or self.accelerator > other.accelerator
        )


@dataclass
class PodLimitColumns:
    """The limits of every pod, as columns of shape (slots,).

    Examples
    --------
    >>> pods = PodLimitColumns.alike(3, PodLimits(memory=2.0, request=1.0))
    >>> pods.assign(1, PodLimits(memory=4.0, request=2.0))
    >>> pods.memory.tolist(), pods.differ(PodLimits(2.0, 1.0)).tolist()
    ([2.0, 4.0, 2.0], [False, True, False])
    """

    memory: Floats
    request: Floats
    cpu: Floats
    accelerator: Floats
    of: list[PodLimits]  # the same, pod by pod

    @classmethod
    def alike(cls, slots: int, limits: PodLimits) -> Self:
        """The columns of pods with the same limits."""
        return cls(
            np.full(slots, limits.memory),
            np.full(slots, limits.request),
            np.full(slots, limits.cpu),
            np.full(slots, limits.accelerator),
            [limits] * slots,
        )

    def assign(self, slot: int, limits: PodLimits) -> None:
        """Create a pod with these limits."""
        if self.of[slot] is limits:
            return
        self.of[slot] = limits
        self.memory[slot], self.request[slot] = limits.memory, limits.request
        self.cpu[slot], self.accelerator[slot] = limits.cpu, limits.accelerator

    def differ(self, limits: PodLimits) -> Bools:
        """The pods that have other limits, shape (slots,)."""
        return np.array([own is not limits and own != limits for own in self.of])
