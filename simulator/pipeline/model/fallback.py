"""Fallback answers: of whom, and what they say.

A constant or a cached answer comes from the gateway, and the model server sees nothing of its
request; a former model's is one of the server. In either case the row and its label are logged
as always: only the prediction differs.
"""

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model.ground_truth import draw_rows
from simulator.pipeline.requests import ID, ROW, SINCE
from simulator.pipeline.traffic.gateway import CACHED, CONSTANT, FallbackLaw
from simulator.pipeline.world import World
from simulator.streams import uniforms

ANSWER_MS = 2.0  # of an answer from the gateway's memory
# Log odds of a constant answer, a certain one: 0.993 and 0.007.
CERTAIN = 5.0


def applies(law: FallbackLaw, params: Params, t: int, rows: Floats, seed: int) -> Bools:
    """The requests that get a fallback answer, shape (requests,).

    Parameters
    ----------
    t : int, ms
        The start of the tick, whose hour selects the rows that requests ask about.
    rows : ndarray, shape (requests, COLUMNS)
    """
    ids = rows[:, ID]
    if law.segment is None and law.answer != CACHED:
        return uniforms(ids, "fallback", seed) < law.share
    chosen = draw_rows(params, t, rows[:, ROW], ids, seed, {})
    return applies_to_rows(law, params, chosen, ids, seed)


def applies_to_rows(
    law: FallbackLaw, params: Params, chosen: Ints, ids: Floats, seed: int
) -> Bools:
    """The same for requests of which the rows of the pool are known."""
    pool = params.pool
    mask: Bools = uniforms(ids, "fallback", seed) < law.share
    if law.segment is not None:
        column, low, high = law.segment
        value = pool.rows[chosen, column]
        mask &= (value >= low) & (value <= high)
    if law.answer == CACHED:
        mask &= pool.previous[chosen] >= 0 if pool.previous is not None else False
    return mask


def log_odds(
    law: FallbackLaw, world: World, params: Params, chosen: Ints, ids: Floats, seed: int
) -> Floats:
    """The gateway's answers to requests, as log odds, shape (requests,)."""
    if law.answer == CONSTANT:
        positive = uniforms(ids, "fallback/positive", seed) < law.positive
        return np.where(positive, CERTAIN, -CERTAIN)
    # The last answer to the same entity: what the model made of its previous row.
    assert params.pool.previous is not None
    previous = params.pool.rows[params.pool.previous[chosen]]
    return world.versions[world.releases.model].logit(previous)


def merge(requests: Floats, slot: Ints, answered: Floats) -> tuple[Floats, Ints, Bools]:
    """The requests that the server answered and those that the gateway did, by arrival.

    Returns
    -------
    requests : ndarray, shape (requests, COLUMNS)
    slot : ndarray of int, shape (requests,)
        -1 for the gateway's.
    by_gateway : ndarray of bool, shape (requests,)
    """
    rows = np.concatenate((requests, answered))
    order = np.argsort(rows[:, SINCE], kind="stable")
    slots = np.concatenate((slot, np.full(len(answered), -1)))
    return rows[order], slots[order], order >= len(requests)
