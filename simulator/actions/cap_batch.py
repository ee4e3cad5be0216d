"""A manual limit of batch sizes."""

from typing import ClassVar

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.units import Count


@part
class CapBatch(Action):
    """Limit the batches of the model server below the limit of its build, until it is lifted.

    Smaller batches need less memory of the accelerator, but serve fewer requests in the same
    time, so that a server under load falls behind.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("capped_batches",)
    example_pipeline: ClassVar[Args] = {
        "serving.queues": "per_replica",
        "serving.batching": {"max_size": 8, "max_wait": "5ms", "further": 0.15},
    }
    undo = ("cap_batch", {"most": 0})

    most: Count
    """Most requests in a batch; 0 lifts the limit."""

    def act(self, site: Site) -> ActionSteps:
        if site.params.per_replica is None or site.params.per_replica.batching.max_size == 1:
            raise ActionFailed("the model server collects no batches: nothing to limit")
        yield 10_000
        site.world.cluster.batch_cap = self.most
        return f"batches of at most {self.most}" if self.most else "no limit of batches"
