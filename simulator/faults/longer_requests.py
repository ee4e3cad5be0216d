"""Clients send longer requests."""

from simulator.faults import Fault, FaultTick, Params, World, part
from simulator.pipeline.bends import LengthenedRequests
from simulator.units import Factor, IncidentType, Ratio


@part
class LongerRequests(Fault):
    """A share of the requests is longer than before: more work each, and more memory.

    Their rate and the build are the same. Replicas fall behind, and on an accelerator batches that
    used to fit run out of memory (CUDA out of memory) and fail. A rollback has no effect; smaller
    batches fit (`cap_batch`), the gateway can refuse or cut long requests (`limit_requests`), and
    more replicas share the work.
    """

    type = IncidentType.RESOURCES

    share: Ratio = 0.3
    """Of the requests."""
    factor: Factor = 4.0
    """Multiplies their length."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share and self.factor != 1.0:
            params.bends.longer_requests.append(
                LengthenedRequests(tick.fault, self.share, self.factor)
            )
