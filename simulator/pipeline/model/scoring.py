"""What an answered request was told, and whether that came true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store, label_recording, labels
from simulator.pipeline.model.ground_truth import draw_rows, true_labels
from simulator.pipeline.requests import ID, ROW
from simulator.pipeline.rows import bend_rows
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.streams import uniforms


def score(
    world: World, params: Params, answered: Floats, slot: Ints, seed: int, sample: Sample
) -> None:
    """Score the requests answered in this tick and note what will become of them.

    Parameters
    ----------
    world, params : World, Params
    answered : ndarray, shape (requests, traffic.COLUMNS)
    slot : ndarray of int, shape (requests,)
        The pod that answered each, -1 where that has been taken away since.
    seed : int
    sample : Sample
        Gets the counts of predictions and of right ones.
    """
    if not params.bends.failed_pulls:
        world.releases.loaded = world.releases.model
    if not len(answered):
        return
    ids = answered[:, ID]
    chosen = draw_rows(params, sample.t, answered[:, ROW], ids, seed, sample.hits)
    label = true_labels(params, chosen, ids, seed, sample.hits)
    rows, bent = feature_store.read(world, params, chosen, ids, seed, sample)
    held = feature_store.quarantine(world, params, rows)
    seen = rows
    if params.bends.serving_skew:
        seen = rows.copy()
    for skew in params.bends.serving_skew:
        there = answered_by(skew.pods, slot)
        part = seen[there]
        bend_rows(part, [skew.law], ids[there], seed, sample.hits)
        seen[there] = part
    canary = on_canary(world, ids, seed)
    logit = predict(world, params, seen, ids, slot, seed, sample)
    if np.count_nonzero(canary):
        logit = np.where(canary, world.versions[world.releases.canary].logit(seen), logit)
    positive = logit > 0
    sample.scored = len(ids)
    correct = positive == (label == 1)
    sample.correct = int(np.count_nonzero(correct))
    lag = params.pool.lag_ms[chosen]
    if params.bends.label_recording:
        records = label_recording.Records(ids, rows, positive, label.copy(), lag)
        bent = bent | label_recording.record(
            params.bends.label_recording, records, seed, sample.hits
        )
        label = records.label
        correct = positive == (label == 1)  # what the team counts is whether the record agrees
    # The first ones of a tick are a fair sample: rows are drawn apart from arrival times.
    keep = min(len(ids), to_log(params, sample))
    every: slice | Ints = slice(None)
    first: slice | Ints = slice(0, keep)
    if params.bends.label_leaks:
        bent = bent | _leak(params, rows, label, ids, seed, sample)
    if params.bends.duplicated_rows:
        every = _delivered(params, ids, seed, sample)
        first = every[every < keep]
    labels.send(world.labels, world.now, lag[every], correct[every], label[every], sample.weight)
    labels.keep(
        world.log,
        world.now,
        ids[first],
        rows[first],
        logit[first],
        label[first],
        (world.now + lag[first]).astype(np.int64),
        ~held[first],
        bent[first],
        canary[first],
    )


def to_log(params: Params, sample: Sample) -> int:
    """How many rows of a tick are logged at most: the ticks of a minute share its number."""
    first, last = (params.logged_per_minute * t // 60_000 for t in (sample.t, sample.t + sample.dt))
    return last - first


def answered_by(pods: Bools, slot: Ints) -> Bools:
    """Which requests these pods answered; one that was taken away is none of them."""
    found: Bools = np.append(pods, False)[slot]
    return found


def on_canary(world: World, ids: Floats, seed: int) -> NDArray[np.bool_]:
    """Which requests the canary answers: the same ones whatever its version, more if it grows."""
    if not world.releases.canary:
        return np.zeros(len(ids), bool)
    found: NDArray[np.bool_] = uniforms(ids, "canary", seed) < world.releases.canary_share
    return found


def predict(
    world: World,
    params: Params,
    rows: Floats,
    ids: Floats,
    slot: Ints,
    seed: int,
    sample: Sample,
) -> Floats:
    """Log odds by the model that each request's pod has really loaded, shape (requests,)."""
    releases = world.releases
    champion = world.versions[releases.model]
    logit = champion.logit(rows)
    for pull in params.bends.failed_pulls if releases.loaded != releases.model else ():
        bit = answered_by(pull.pods, slot)
        logit = np.where(bit, world.versions[releases.loaded].logit(rows), logit)
        sample.hit(pull.fault, int(np.count_nonzero(bit)))
    for artefact in params.bends.wrong_artefacts:
        bit = uniforms(ids, f"swapped/{artefact.fault}", seed) < artefact.share
        other = np.where(bit, champion.logit(_in_another_order(params, rows)), logit)
        sample.hit(artefact.fault, int(np.count_nonzero((other > 0) != (logit > 0))))
        logit = other
    return logit


def _in_another_order(params: Params, rows: Floats) -> Floats:
    """Each number in its neighbour's place: codes stay, as a category's weights fit no other."""
    numeric = [i for i, column in enumerate(params.pool.columns) if not column.categorical]
    moved = rows.copy()
    moved[:, numeric] = rows[:, numeric[1:] + numeric[:1]]
    return moved


def _leak(
    params: Params,
    rows: Floats,
    label: NDArray[np.int8],
    ids: Floats,
    seed: int,
    sample: Sample,
) -> NDArray[np.bool_]:
    """A column of the offline store tells the outcome (in place): which rows it changed."""
    leaked = np.zeros(len(rows), bool)
    for leak in params.bends.label_leaks:
        bit = uniforms(ids, f"leak/{leak.fault}", seed) < leak.share
        column = rows[:, leak.column]
        shift = leak.strength * params.pool.spread(leak.column) * (2.0 * label - 1.0)
        rows[:, leak.column] = np.where(bit, column + shift, column)
        sample.hit(leak.fault, int(np.count_nonzero(bit)))
        leaked |= bit
    return leaked


def _delivered(params: Params, ids: Floats, seed: int, sample: Sample) -> Ints:
    """The number of each request as often as its row is delivered, in order."""
    times = np.ones(len(ids), np.int64)
    for duplication in params.bends.duplicated_rows:
        bit = uniforms(ids, f"copies/{duplication.fault}", seed) < duplication.share
        times[bit] += duplication.copies
        sample.hit(duplication.fault, int(np.count_nonzero(bit)))
    return np.repeat(np.arange(len(ids)), times)
