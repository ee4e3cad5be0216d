"""Predictions for the answered requests, and their labels."""

from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model import fallback, feature_store, label_recording, labels, truncation
from simulator.pipeline.model.ground_truth import draw_rows, true_labels
from simulator.pipeline.model.label_leaks import leak_labels
from simulator.pipeline.requests import ID, ROW
from simulator.pipeline.rows import bend_rows
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.streams import uniforms


class Reads(NamedTuple):
    """Requests with the rows that were read for them, one a row."""

    rows: Floats
    chosen: Ints  # their rows of the pool
    ids: Floats
    slot: Ints

    def where(self, mask: Bools) -> "Reads":
        """Those of a mask, shape (requests,)."""
        return Reads(self.rows[mask], self.chosen[mask], self.ids[mask], self.slot[mask])


def score(
    world: World, params: Params, answered: Floats, slot: Ints, seed: int, sample: Sample
) -> None:
    """Score the requests answered in this tick, schedule their labels and log their rows.

    Parameters
    ----------
    world, params : World, Params
    answered : ndarray, shape (requests, traffic.COLUMNS)
    slot : ndarray of int, shape (requests,)
        The pod that answered each request, -1 if it has been removed since.
    seed : int
    sample : Sample
        Gets the numbers of predictions and of correct ones.
    """
    if not params.bends.failed_pulls:
        world.releases.loaded = world.releases.model
    by_gateway = np.zeros(0, bool)
    if len(sample.answered):
        answered, slot, by_gateway = fallback.merge(answered, slot, sample.answered)
    if not len(answered):
        return
    ids = answered[:, ID]
    chosen = draw_rows(params, sample.t, answered[:, ROW], ids, seed, sample.hits)
    truth = label = true_labels(params, chosen, ids, seed, sample.hits)
    rows, bent = feature_store.read(world, params, chosen, ids, seed, sample)
    if world.dependency.limit_ms < inf:
        feature_store.withhold(params, rows, answered)
    quarantined = feature_store.quarantine(world, params, rows)
    if world.gateway.active:
        truncation.lose_columns(world, params, answered, rows, seed)
    reads = Reads(rows, chosen, ids, slot)
    canary = canary_mask(world, ids, seed)
    if world.gateway.fallback is None:
        logit = _answer(world, params, _skew(params, reads, seed, sample), canary, seed, sample)
    else:
        logit = _answer_or_fall_back(world, params, reads, canary, by_gateway, seed, sample)
    positive = logit > world.tuning.cutoff
    sample.scored = len(ids)
    correct = positive == (label == 1)
    sample.correct = int(np.count_nonzero(correct))
    lag = params.pool.lag_ms[chosen]
    if laws := params.bends.label_recording:
        records = label_recording.LabelRecords(ids, rows, positive, label.copy(), lag)
        bent = bent | label_recording.bend_records(laws, records, seed, sample.hits)
        label = records.label
        correct = positive == (label == 1)  # the team compares with the recorded labels
    # The first requests of a tick are a fair sample: rows are drawn independently of arrival times.
    limit = min(len(ids), rows_to_log(params, sample))
    delivered: slice | Ints = slice(None)
    logged: slice | Ints = slice(0, limit)
    if params.bends.label_leaks:
        bent = bent | leak_labels(params, rows, label, ids, seed, sample)
    logged_bent = bent[logged]
    if params.bends.duplicated_rows:
        delivered, extra = _duplicate_rows(params, rows, label, ids, seed, sample)
        logged = delivered[delivered < limit]
        logged_bent = bent[logged] | extra[delivered < limit]
    labels.schedule(
        world.labels, world.now, lag[delivered], correct[delivered], label[delivered], sample.weight
    )
    labels.log_rows(
        *(world.log, world.now, ids[logged], rows[logged]),
        *(logit[logged], positive[logged], label[logged]),
        (world.now + lag[logged]).astype(np.int64),
        ~quarantined[logged],
        *(logged_bent, canary[logged]),
        truth=truth[logged],
        source_row=chosen[logged],
    )


def _answer(
    world: World, params: Params, reads: Reads, canary: Bools, seed: int, sample: Sample
) -> Floats:
    """The log odds of the model server, its canary's included, shape (requests,)."""
    rows, _, ids, slot = reads
    logit = predict(world, params, rows, ids, slot, seed, sample)
    if np.count_nonzero(canary):
        logit = np.where(canary, world.versions[world.releases.canary].logit(rows), logit)
    return logit


def _answer_or_fall_back(
    world: World,
    params: Params,
    reads: Reads,
    canary: Bools,
    by_gateway: Bools,
    seed: int,
    sample: Sample,
) -> Floats:
    """The same where a fallback is in force; its answers are removed from `canary`.

    `by_gateway` marks the requests that the server has never seen; it is empty if there are none.
    """
    law = world.gateway.fallback
    assert law is not None
    if law.needs_server:
        former = fallback.applies_to_rows(law, params, reads.chosen, reads.ids, seed)
        canary &= ~former
        # The same code reads for every version.
        reads = _skew(params, reads, seed, sample)
        logit = _answer(world, params, reads, canary, seed, sample)
        return np.where(former, world.versions[law.version].logit(reads.rows), logit)
    if not len(by_gateway):
        return _answer(world, params, _skew(params, reads, seed, sample), canary, seed, sample)
    canary &= ~by_gateway
    logit, server = np.empty(len(reads.ids)), ~by_gateway
    served = _skew(params, reads.where(server), seed, sample)
    logit[server] = _answer(world, params, served, canary[server], seed, sample)
    asked = reads.where(by_gateway)
    logit[by_gateway] = fallback.log_odds(law, world, params, asked.chosen, asked.ids, seed)
    return logit


def _skew(params: Params, reads: Reads, seed: int, sample: Sample) -> Reads:
    """The rows as the serving code of each pod reads them; a copy if any code changes them."""
    if not params.bends.serving_skew:
        return reads
    rows = reads.rows.copy()
    for skew in params.bends.serving_skew:
        skewed = answered_by(skew.pods, reads.slot)
        part = rows[skewed]
        bend_rows(part, [skew.law], reads.ids[skewed], seed, sample.hits)
        rows[skewed] = part
    return reads._replace(rows=rows)


def rows_to_log(params: Params, sample: Sample) -> int:
    """The most rows that a tick logs: the ticks of a minute share `logged_per_minute`."""
    first, last = (params.logged_per_minute * t // 60_000 for t in (sample.t, sample.t + sample.dt))
    return last - first


def answered_by(pods: Bools, slot: Ints) -> Bools:
    """The requests that these pods answered.

    A removed pod (slot -1) is none of them, nor is one of a later pool of replicas.
    """
    return np.append(pods, False)[np.where(slot < len(pods), slot, -1)]


def canary_mask(world: World, ids: Floats, seed: int) -> Bools:
    """The requests that the canary answers: equal for every version, more for a larger share."""
    if not world.releases.canary:
        return np.zeros(len(ids), bool)
    return uniforms(ids, "canary", seed) < world.releases.canary_share


def predict(
    world: World, params: Params, rows: Floats, ids: Floats, slot: Ints, seed: int, sample: Sample
) -> Floats:
    """The log odds by the model that each request's pod has loaded, shape (requests,)."""
    releases = world.releases
    champion = world.versions[releases.model]
    logit = champion.logit(rows)
    for pull in params.bends.failed_pulls if releases.loaded != releases.model else ():
        outdated = answered_by(pull.pods, slot)
        logit = np.where(outdated, world.versions[releases.loaded].logit(rows), logit)
        sample.hit(pull.fault, int(np.count_nonzero(outdated)))
    for artefact in params.bends.wrong_artefacts:
        affected = uniforms(ids, f"swapped/{artefact.fault}", seed) < artefact.share
        bent = np.where(affected, champion.logit(_rotate_columns(params, rows)), logit)
        cutoff = world.tuning.cutoff
        sample.hit(artefact.fault, int(np.count_nonzero((bent > cutoff) != (logit > cutoff))))
        logit = bent
    return logit


def _rotate_columns(params: Params, rows: Floats) -> Floats:
    """The rows with each numeric column in the place of its neighbour.

    Categorical columns stay: the weights of one category fit no other.
    """
    numeric = [i for i, column in enumerate(params.pool.columns) if not column.categorical]
    rotated = rows.copy()
    rotated[:, numeric] = rows[:, numeric[1:] + numeric[:1]]
    return rotated


def _duplicate_rows(
    params: Params, rows: Floats, label: NDArray[np.int8], ids: Floats, seed: int, sample: Sample
) -> tuple[Ints, Bools]:
    """The index of each request, repeated as often as its row is delivered, in order.

    And which deliveries give a part of the rows more weight: the copies of a segment.
    """
    times, selected = np.ones(len(ids), np.int64), np.zeros(len(ids), bool)
    for duplication in params.bends.duplicated_rows:
        draw = uniforms(ids, f"copies/{duplication.fault}", seed)
        affected = duplication.affected(rows, label, draw)
        times[affected] += duplication.copies
        selected |= affected & duplication.selects
        sample.hit(duplication.fault, int(np.count_nonzero(affected)))
    delivered = np.repeat(np.arange(len(ids)), times)
    copies = np.diff(delivered, prepend=-1) == 0
    return delivered, copies & selected[delivered]
