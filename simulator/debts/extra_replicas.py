"""The model server has more replicas than it needs."""

import math

from simulator.debts import Debt, Params, Snapshot, part
from simulator.pipeline.traffic.arrivals import expected_requests

# Over which the usual load is counted.
WINDOW_MS = 600_000
# The share of the slots that may be busy: beyond it queues grow quickly.
BUSY = 0.8


@part
class ExtraReplicas(Debt):
    """The model server has more replicas than at the start of the drill, and than it needs.

    It needs as many as serve the usual load. What an autoscaler holds is nobody's debt.
    """

    rank = 6

    def is_owed(self, snapshot: Snapshot) -> bool:
        desired, params = snapshot.world.cluster.desired_replicas, snapshot.params
        if params.autoscaler is not None or desired <= snapshot.initial_replicas:
            return False
        return desired > needed_replicas(params, snapshot.world.now)


def needed_replicas(params: Params, now: int) -> int:
    """The replicas whose slots the usual load fills to 80 %; 0 where they serve batches.

    Surges are no usual load. A batch takes one slot for many requests.
    """
    if params.per_replica is not None or not params.concurrency:
        return 0
    start = max(0, now - WINDOW_MS)
    requests = expected_requests(params, start, now)
    work_ms = requests * (params.service_ms + params.feature_read_ms)
    slots = work_ms / max(now - start, 1) / BUSY
    return math.ceil(slots / params.concurrency)
