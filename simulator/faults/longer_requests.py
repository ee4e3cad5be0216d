"""Customers send longer requests."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.bends import LengthenedRequests
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Factor, IncidentType, Ratio


@part
class LongerRequests(Fault):
    """Part of the requests are longer than they were: more work each, and more memory.

    As many come as before, with the same build. Replicas fall behind, and on an accelerator
    batches that used to fit find no room (CUDA out of memory) and are answered with errors. A
    rollback does nothing; smaller batches fit (`cap_batch`), and more replicas share the work.
    """

    type: ClassVar[IncidentType] = IncidentType.RESOURCES

    share: Ratio = 0.3
    """Of the requests."""
    factor: Factor = 4.0
    """How many times as long these are."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share and self.factor != 1.0:
            params.bends.longer_requests.append(
                LengthenedRequests(bite.fault, self.share, self.factor)
            )
