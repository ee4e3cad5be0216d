"""The feature reads of the requests that have a slot in a segment of a tick."""

from math import inf

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import DEPEND
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.attempts import Attempts


def cut(rows: Floats, params: Params) -> Bools:
    """Whose feature read takes longer than the server waits for it, shape (requests,)."""
    if params.read_limit_ms == inf:
        return np.zeros(len(rows), np.bool_)
    longer: Bools = rows[:, DEPEND] * params.dependency_ms > params.read_limit_ms
    return longer


def count_reads(attempts: Attempts, held: int, params: Params, end: int, sample: Sample) -> None:
    """Count the reads that began in the segment, and the time of all in it.

    Parameters
    ----------
    held : int
        Requests that had a slot before the segment: the first rows.

    Notes
    -----
    A request reads for as large a part of its time in the segment as of its whole service: which
    part comes first is not tracked.
    """
    own = params.read_times(attempts.rows[:, DEPEND])
    service = attempts.read_ms + attempts.predict_ms / attempts.speed[attempts.slot]
    held_ms = np.minimum(attempts.leave, end) - attempts.start
    sample.held_ms += float(held_ms.sum())
    sample.reading_ms += float((held_ms * own / np.maximum(service, 1e-300)).sum())
    if params.read_limit_ms > 0.0:  # else nothing is read
        began = attempts.rows[held:]
        sample.reads += int(np.count_nonzero(began[:, DEPEND]))
        sample.reads_cut += int(np.count_nonzero(cut(began, params)))


def count_lookups(attempts: Attempts, held: int, params: Params) -> Ints:
    """Hits and misses of the requests that got a slot in the segment, shape (2, slots).

    Without caches the shape is (2, 0).
    """
    if params.feature_cache is None:
        return np.zeros((2, 0), np.int64)
    slot, missed = attempts.slot[held:], attempts.rows[held:, DEPEND] > 0.0
    return np.stack(
        [np.bincount(slot[which], minlength=params.slots) for which in (~missed, missed)]
    )
