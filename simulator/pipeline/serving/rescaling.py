"""Requests in service when the laws change: what is left of their service changes with them."""

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.requests import DEPEND, WORK
from simulator.pipeline.serving.attempts import SPEED_MIN
from simulator.pipeline.serving.batching import SIZE
from simulator.pipeline.world import Queue


def rescale_service(queue: Queue, params: Params, t: int) -> None:
    """Scale the remaining service of the requests in service to the laws of this tick."""
    service_ms, dependency_ms, read_limit_ms, before_speed = queue.timed_with
    speed = params.bends.speed
    if (
        service_ms == params.service_ms
        and dependency_ms == params.dependency_ms
        and read_limit_ms == params.read_limit_ms
        and before_speed.tobytes() == speed.tobytes()
    ):
        return
    limit = params.read_limit_ms
    queue.timed_with = (params.service_ms, params.dependency_ms, limit, speed.copy())
    # Requests of a removed pod keep their time: its speed is not known.
    held = np.flatnonzero(queue.slot >= 0)
    if len(held):
        rows, slot = queue.serving[held], queue.slot[held]
        work, depend = rows[:, WORK], rows[:, DEPEND]
        if params.per_replica is not None:
            work, depend = queue.batches[held, :SIZE].T
        before_speed = np.maximum(before_speed[slot], SPEED_MIN)
        before = (
            np.minimum(depend * dependency_ms, read_limit_ms) + work * service_ms / before_speed
        )
        speed = np.maximum(speed[slot], SPEED_MIN)
        after = params.read_times(depend) + work * params.service_ms / speed
        queue.leaves[held] = t + (queue.leaves[held] - t) * (after / np.maximum(before, 1e-300))
