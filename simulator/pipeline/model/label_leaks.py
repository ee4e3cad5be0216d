"""Leaks of the label into a column of the logged rows."""

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.streams import uniforms


def leak_labels(
    params: Params, rows: Floats, label: NDArray[np.int8], ids: Floats, seed: int, sample: Sample
) -> Bools:
    """Add the label to a column of the logged rows, in place; returns the changed rows."""
    leaked = np.zeros(len(rows), bool)
    for leak in params.bends.label_leaks:
        affected = uniforms(ids, f"leak/{leak.fault}", seed) < leak.share
        column = rows[:, leak.column]
        shift = leak.strength * params.pool.std(leak.column) * (2.0 * label - 1.0)
        rows[:, leak.column] = np.where(affected, column + shift, column)
        sample.hit(leak.fault, int(np.count_nonzero(affected)))
        leaked |= affected
    return leaked
