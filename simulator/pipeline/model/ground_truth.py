"""Which rows the requests ask about, and their true labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.streams import uniforms


def ordinary_rows(params: Params, t: int, pick: Floats) -> Ints:
    """The rows that uniforms pick among those of an hour of day, no law of the mix applied."""
    here = params.pool.by_hour[(params.start_ms_of_day + t) // 3_600_000 % 24]
    return here.take((pick * len(here)).astype(np.int64))


def draw_rows(
    params: Params, t: int, pick: Floats, ids: Floats, seed: int, hits: dict[str, int]
) -> Ints:
    """Which rows of the pool the requests are about.

    Parameters
    ----------
    params : Params
    t : int, ms
        The tick's start; its hour of day chooses the part of the pool.
    pick, ids : ndarray, shape (requests,)
        Each request's uniform and its id.
    seed : int
    hits : dict
        Fault to requests that it moved, added to.

    Returns
    -------
    ndarray of int, shape (requests,)
    """
    chosen = ordinary_rows(params, t, pick)
    for law in params.bends.mix_laws:
        moved = uniforms(ids, f"mix/{law.fault}", seed) < law.share
        if moved.any():
            other = law.rows[(pick[moved] * len(law.rows)).astype(np.int64)]
            chosen[moved] = other
            hits[law.fault] = hits.get(law.fault, 0) + int(moved.sum())
    return chosen


def true_labels(
    params: Params, chosen: Ints, ids: Floats, seed: int, hits: dict[str, int]
) -> NDArray[np.int8]:
    """What becomes of the rows, under the laws of truth that hold now."""
    label = params.pool.label[chosen]
    for law in params.bends.label_laws:
        other = law.becomes[chosen]
        if law.share < 1.0:
            other = np.where(uniforms(ids, f"truth/{law.fault}", seed) < law.share, other, label)
        changed = int((other != label).sum())
        if changed:
            hits[law.fault] = hits.get(law.fault, 0) + changed
        label = other
    return label
