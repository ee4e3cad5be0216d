"""A build of the model server makes larger batches, or longer sequences."""

from typing import ClassVar

from simulator.faults import (
    Args,
    BuildFault,
    Cost,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import LargerBatches
from simulator.units import Factor, IncidentType


@part
class BatchGrowth(BuildFault):
    """The full batches of one build exceed the memory of the accelerator.

    Requests that do not fit fail (CUDA out of memory) while the pods stay up, and quiet hours look
    healthy.
    """

    type = IncidentType.RESOURCES
    target_kind = "gpu_memory"
    right_moves = (
        *BuildFault.right_moves,
        Move("Batches of the usual size fit.", (order("cap_batch", most="{batch}"),), cures=False),
    )
    wrong_moves = (
        *BuildFault.wrong_moves,
        WrongMove(
            "The accelerator lacks memory, not the pod.",
            (order("resize_pods", memory="{more_memory}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "Accelerators twice as large stay when the build is gone.",
            (order("resize_pods", accelerator="{more_accelerator}"),),
            cost=Cost.DEBT,
        ),
    )
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
