"""A build of the model server makes larger batches, or longer sequences."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, BuildFault
from simulator.pipeline.bends import LargerBatches
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Args, part
from simulator.units import Factor, IncidentType


@part
class BatchGrowth(BuildFault):
    """The pods of one build need more of their accelerator than it has, once batches fill.

    What does not fit is answered with errors (CUDA out of memory) while the pods stay up and
    quiet hours look well. A rollback of the build ends it, and smaller batches fit (`cap_batch`);
    a restart does nothing, and neither does more memory for the pod.
    """

    type: ClassVar[IncidentType] = IncidentType.RESOURCES
    on: ClassVar[str] = "gpu_memory"
    example_pipeline: ClassVar[Args] = {
        "traffic.rate": "20/s",
        "serving.queues": "per_replica",
        "serving.batching": {"max_size": 4, "max_wait": "1s", "further": 0.2},
        "serving.gpu_memory": {"size": "16GiB", "base": "6GiB", "per_request": "1GiB"},
    }

    factor: Factor = 4.0
    """How many times as many requests a batch may have."""
    longer: Factor = 1.0
    """How many times as long their sequences are: as much more work and memory."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        bad = self.pods(world)
        params.bends.speed[bad] /= self.longer
        if bad.any() and (self.factor != 1.0 or self.longer != 1.0):
            params.bends.batch_growth.append(
                LargerBatches(bite.fault, bad, self.factor, self.longer)
            )
