"""A share of the traffic for another pool of replicas."""

from typing import ClassVar

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.actions._serving_pool import EXAMPLE, ServingPoolName, pool_of
from simulator.units import Ratio


@part
class ShiftTraffic(Action):
    """Send a share of the requests to another serving pool; the main pool gets what is left.

    It holds for new requests: those that wait stay where they are, and so do their retries. A pool
    without a ready replica answers nothing, and a pool that is too small queues and sheds.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("shifted_traffic",)
    example: ClassVar[Args] = {"to": "standby", "share": 0.5}
    example_pipeline: ClassVar[Args] = {"serving.pools": EXAMPLE}
    undo = ("shift_traffic", {"share": 0.0})

    to: ServingPoolName
    """The serving pool."""
    share: Ratio
    """The share of the requests that it gets from now on; 0 brings all of them back."""

    def act(self, site: Site) -> ActionSteps:
        pool, _ = pool_of(site, self.to)
        yield 15_000
        others = sum(other.share for other in site.world.pools.values()) - pool.share
        if others + self.share > 1.0 + 1e-9:
            text = f"{self.share:.0%} of the requests: other serving pools get {others:.0%}"
            raise ActionFailed(text)
        before, pool.share = pool.share, self.share
        return f"share of {self.to} {before:.0%} -> {self.share:.0%}"
