"""The pods of the model server are larger than at the start."""

from simulator.debts import Debt, Snapshot, part
from simulator.pipeline.cluster.limits import PodLimits


@part
class LargerPods(Debt):
    """The pods of the model server have higher limits than at the start of the drill."""

    def is_owed(self, snapshot: Snapshot) -> bool:
        world, params = snapshot.world, snapshot.params
        return world.cluster.limits.exceeds(PodLimits.of(params)) or any(
            world.pools[name].cluster.limits.exceeds(PodLimits.of(laws))
            for name, laws in params.serving_pools.items()
        )
