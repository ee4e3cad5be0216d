"""The rows that requests ask about, and their true labels."""

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.streams import uniforms


def rows_at_hour(params: Params, t: int, pick: Floats) -> Ints:
    """The rows that uniforms pick from the hour of day of time `t`, without any `MixLaw`."""
    candidates = params.pool.by_hour[(params.start_ms_of_day + t) // 3_600_000 % 24]
    return candidates.take((pick * len(candidates)).astype(np.int64))


def draw_rows(
    params: Params, t: int, pick: Floats, ids: Floats, seed: int, hits: dict[str, int]
) -> Ints:
    """The rows of the pool that requests ask about, shape (requests,).

    Parameters
    ----------
    t : int, ms
        The start of the tick; its hour of day selects the part of the pool.
    pick, ids : ndarray, shape (requests,)
        The uniform and the id of each request.
    hits : dict
        Gets the number of requests that each fault moved.
    """
    chosen = rows_at_hour(params, t, pick)
    for law in params.bends.mix_laws:
        moved = uniforms(ids, f"mix/{law.fault}", seed) < law.share
        if moved.any():
            chosen[moved] = law.rows[(pick[moved] * len(law.rows)).astype(np.int64)]
            hits[law.fault] = hits.get(law.fault, 0) + int(moved.sum())
    return chosen


def true_labels(
    params: Params, chosen: Ints, ids: Floats, seed: int, hits: dict[str, int]
) -> NDArray[np.int8]:
    """The labels of the rows under the label laws of this tick."""
    label = params.pool.label[chosen]
    for law in params.bends.label_laws:
        bent = law.labels[chosen]
        if law.share < 1.0:
            bent = np.where(uniforms(ids, f"truth/{law.fault}", seed) < law.share, bent, label)
        changed = int((bent != label).sum())
        if changed:
            hits[law.fault] = hits.get(law.fault, 0) + changed
        label = bent
    return label
