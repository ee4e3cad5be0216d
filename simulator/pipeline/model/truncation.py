"""What a request loses that the gateway cuts: its last columns are missing."""

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ID, WORK
from simulator.pipeline.traffic.admission import cut_length
from simulator.pipeline.world import World
from simulator.streams import uniforms


def lose_columns(world: World, params: Params, requests: Floats, rows: Floats, seed: int) -> None:
    """Null the columns that were cut off, in place.

    Only columns that come with the request, which are those of no feature view, are lost: the
    last of them, more or fewer of them from request to request.
    """
    limit = world.gateway.length_limit
    if limit is None or not limit.truncates:
        return
    cut = np.flatnonzero(requests[:, WORK] == cut_length(limit))
    stored = {column for columns, _, _ in params.views.values() for column in columns}
    own = np.array([i for i in range(rows.shape[1]) if i not in stored], np.int64)
    kept = np.floor(uniforms(requests[cut, ID], "truncated", seed) * len(own))
    lost = np.arange(len(own)) >= kept[:, None]
    rows[cut[:, None], own] = np.where(lost, np.nan, rows[cut[:, None], own])
