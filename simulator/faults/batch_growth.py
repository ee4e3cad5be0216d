"""A build of the model server makes larger batches, or longer sequences."""

from typing import ClassVar

from simulator.faults import Args, BuildFault, FaultTick, Params, World, part
from simulator.pipeline.bends import LargerBatches
from simulator.units import Factor, IncidentType


@part
class BatchGrowth(BuildFault):
    """The full batches of one build exceed the memory of the accelerator.

    Requests that do not fit fail (CUDA out of memory) while the pods stay up, and quiet hours look
    healthy. A rollback of the build ends it, and smaller batches fit (`cap_batch`); a restart has
    no effect, and neither has more memory for the pod.
    """

    type = IncidentType.RESOURCES
    target_kind = "gpu_memory"
    example_pipeline: ClassVar[Args] = {
        "traffic.rate": "20/s",
        "serving.queues": "per_replica",
        "serving.batching": {"max_size": 4, "max_wait": "1s", "further": 0.2},
        "serving.gpu_memory": {"size": "16GiB", "base": "6GiB", "per_request": "1GiB"},
    }

    factor: Factor = 4.0
    """Multiplies the number of requests in a batch."""
    longer: Factor = 1.0
    """Multiplies the length of sequences: work and memory grow with it."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        params.bends.speed[affected] /= self.longer
        if affected.any() and (self.factor != 1.0 or self.longer != 1.0):
            params.bends.batch_growth.append(
                LargerBatches(tick.fault, affected, self.factor, self.longer)
            )
