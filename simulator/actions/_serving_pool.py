"""What the orders about serving pools share: their argument, an example, and a pool's room."""

from typing import Annotated

import numpy as np

from simulator.actions import Args, Refers, Site, index_of
from simulator.pipeline.laws import Params
from simulator.pipeline.world import READY, ServingPool

NOUN = "serving pool"
ServingPoolName = Annotated[str, Refers(NOUN)]
EXAMPLE: Args = {"standby": {"replicas_max": 4, "nodes": 2, "build": 7}}


def pool_of(site: Site, name: str) -> tuple[ServingPool, Params]:
    """A serving pool by its name, and its laws.

    Raises
    ------
    ActionFailed
        If there is none of that name.
    """
    index_of(name, site.world.pools, NOUN)
    return site.world.pools[name], site.params.serving_pools[name]


def room(pool: ServingPool, params: Params) -> int:
    """The most replicas that its nodes have room for, and that may be ordered."""
    cluster = pool.cluster
    open_nodes = np.delete(cluster.node_memory, [*cluster.cordoned, *cluster.down])
    request = cluster.limits.request
    fitting = (open_nodes // request).sum() if request else np.inf
    return int(min(params.replicas_max, fitting))


def ready(pool: ServingPool) -> int:
    """Its ready replicas."""
    return int(np.count_nonzero(pool.replicas.phase == READY))


def busy(pool: ServingPool) -> bool:
    """Whether it holds requests, or clients will try again there."""
    queue = pool.queue
    return bool(len(queue.waiting) or len(queue.serving) or len(queue.retrying))
