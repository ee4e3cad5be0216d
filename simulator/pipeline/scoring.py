"""What an answered request was told, and whether that came true."""

from __future__ import annotations

import numpy as np

from simulator.pipeline import data, features, labels
from simulator.pipeline.traffic import ID, ROW
from simulator.pipeline.world import Floats, Params, Sample, World


def score(world: World, params: Params, answered: Floats, seed: int, sample: Sample) -> None:
    """Score the requests answered in this tick and note what will become of them.

    Parameters
    ----------
    world, params : World, Params
    answered : ndarray, shape (requests, traffic.COLUMNS)
    seed : int
    sample : Sample
        Gets the counts of predictions and of right ones.
    """
    if not len(answered):
        return
    ids = answered[:, ID]
    chosen = data.draw_rows(params, sample.t, answered[:, ROW], ids, seed, sample.hits)
    label = data.true_labels(params, chosen, ids, seed, sample.hits)
    rows, bent = features.read(world, params, chosen, ids, seed, sample)
    held = features.quarantine(world, params, rows)
    seen = rows
    if params.skew:
        seen = rows.copy()
        data.bend_rows(seen, params.skew, ids, seed, sample.hits)
    logit = world.versions[world.releases.model].logit(seen)
    positive = logit > 0
    correct = positive == (label == 1)
    lag = params.pool.lag_ms[chosen]
    labels.send(world.labels, world.now, lag, correct, label, sample.weight)
    sample.scored = len(ids)
    sample.correct = int(np.count_nonzero(correct))
    # The first ones of a tick are a fair sample: rows are drawn apart from arrival times.
    keep = min(len(ids), -(-params.logged_per_minute * sample.dt // 60_000))
    first = slice(0, keep)
    labels.keep(
        world.log,
        world.now,
        rows[first],
        logit[first],
        label[first],
        (world.now + lag[first]).astype(np.int64),
        ~held[first],
        bent[first],
    )
