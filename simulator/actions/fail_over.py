"""Failing over to another pool of replicas, and back."""

from collections.abc import Generator
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.actions._serving_pool import EXAMPLE, ServingPoolName, busy, pool_of, ready, room
from simulator.pipeline.world import ServingPool
from simulator.units import Count

LOOK_MS = 5_000
# A start takes `start_up`, of a pod that is killed in it several; then the traffic moves.
PATIENCE_MS = 60_000


@part
class FailOver(Action):
    """Scale a standby up, wait until its pods are ready, then send it all requests.

    Its new pods are as cold as any: they warm up under the full load. What bites on the pods, nodes
    or builds of the main pool does not reach it; a slow dependency does, because both call it.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("shifted_traffic", "running_standby")
    example: ClassVar[Args] = {"to": "standby"}
    example_pipeline: ClassVar[Args] = {"serving.pools": EXAMPLE}
    undo = ("fail_over", {"back": True})

    to: ServingPoolName
    """The serving pool."""
    replicas: Annotated[Count, Field(ge=1)] | None = None
    """Its replicas; by default as many as the main pool should have, as far as it has room."""
    back: bool = False
    """Fail back instead: the traffic is as at the start, and so is the pool, once it is idle."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.back and self.replicas is not None:
            raise ValueError("back returns the pool to its replicas at the start: give no others")
        return self

    def act(self, site: Site) -> ActionSteps:
        pool, params = pool_of(site, self.to)
        if self.back:
            return (yield from self._fail_back(site, pool))
        most, before = room(pool, params), pool.cluster.desired_replicas
        wanted = max(before, min(most, site.world.cluster.desired_replicas))
        replicas = self.replicas or wanted
        if not replicas:
            raise ActionFailed(f"no replica of {self.to}: the main pool has none either")
        if replicas > max(most, before):
            raise ActionFailed(f"{replicas} replicas: {self.to} has room for {most}")
        if pool.share == 1.0 and before == replicas:
            raise ActionFailed(f"{self.to} has all requests already")
        yield 15_000
        pool.cluster.desired_replicas = replicas
        waited = 0
        while ready(pool) < pool.cluster.desired_replicas:
            if waited > 2 * params.start_up_ms + PATIENCE_MS:
                break
            yield LOOK_MS
            waited += LOOK_MS
        if not ready(pool):
            pool.cluster.desired_replicas = before
            raise ActionFailed(f"no pod of {self.to} became ready")
        for other in site.world.pools.values():
            other.share = 0.0
        pool.share = 1.0
        return f"all requests go to {self.to}, which has {ready(pool)} ready replicas"

    def _fail_back(self, site: Site, pool: ServingPool) -> Generator[int, None, str]:
        """The declared shares at once; the pool shrinks when it has answered what it holds."""
        cluster, shares = pool.cluster, site.world.pools.values()
        if all(other.share == other.declared_share for other in shares):
            raise ActionFailed(f"nothing to fail back from {self.to}: traffic is as at the start")
        yield 15_000
        for other in site.world.pools.values():
            other.share = other.declared_share
        waited = 0
        while cluster.desired_replicas > pool.declared_replicas:
            if waited >= PATIENCE_MS or not busy(pool):
                cluster.desired_replicas = pool.declared_replicas
                break
            yield LOOK_MS
            waited += LOOK_MS
        return f"traffic is as at the start; {self.to} has {cluster.desired_replicas} replicas"
