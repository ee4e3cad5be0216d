"""Serving: requests wait for a slot of a replica, are scored, and leave.

One line before all replicas, first come, first served. Replicas take requests in turn, a
full one passes them on. Or each replica has a line of its own (see lanes.py). What leaves
inside the tick is committed; what waits or is in service stays in `World.queue` and feels
every law that changes: an action helps an existing backlog.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, COLUMNS, DEPEND, SINCE, UNTIL, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.attempts import (
    GONE,
    SLOWEST,
    Visits,
    at_once,
    comes_back,
    gather,
    hear,
    send_back,
    wrong,
)
from simulator.pipeline.serving.batching import BATCH_DEPEND, BATCH_WORK, SIZE
from simulator.pipeline.serving.client_guard import Watch
from simulator.pipeline.serving.one_by_one import one_by_one
from simulator.pipeline.world import READY, Queue, World


class Stays(NamedTuple):
    """When the requests of a stretch had a place, in it and after it, and of which replica."""

    start: Floats  # ms, the begin of the stretch where it was before that
    leave: Floats
    slot: Ints  # or GONE


@dataclass(frozen=True)
class Served:
    """Predictions that left in one tick and reached a client who still waited for them."""

    requests: Floats  # shape (served, traffic.COLUMNS)
    leaves: Floats  # ms
    latency_ms: Floats  # from the arrival of the attempt
    predict_ms: Floats  # of these, the model
    dependency_ms: Floats  # and the feature read; the rest is waiting
    slot: Ints
    handled: Ints  # requests that left each replica, answered in time or not, shape (slots,)
    stays: Stays  # of all that had a place, answered or not


def joined(parts: Sequence[Served]) -> Served:
    """What left in stretches that follow each other."""
    names = [field.name for field in fields(Served)]
    each = {name: [getattr(part, name) for part in parts] for name in names}
    handled: Ints = np.sum(each.pop("handled"), axis=0)
    stays = Stays(*(np.concatenate(column) for column in zip(*each.pop("stays"), strict=True)))
    return Served(**{n: np.concatenate(e) for n, e in each.items()}, handled=handled, stays=stays)


def empty_queue(slots: int) -> Queue:
    """A model server without requests.

    Examples
    --------
    >>> inside(empty_queue(4), 0)
    0
    """
    none, nobody = np.empty(0), np.empty((0, COLUMNS))
    pace = (0.0, 0.0, np.ones(slots))
    return Queue(nobody, nobody, none, np.empty(0, np.int64), nobody, none, 0, pace)


def inside(queue: Queue, t: float) -> int:
    """Requests in the server at `t` whose clients still wait for an answer."""
    return len(queue.waiting) + int(np.count_nonzero(queue.serving[:, UNTIL] >= t))


def in_service(queue: Queue, slots: int) -> Ints:
    """Requests that each replica has in service, shape (slots,)."""
    return np.bincount(queue.slot + 1, minlength=slots + 1)[1:]


def detach(queue: Queue, slot: int) -> None:
    """A pod is taken away in peace: it finishes what it serves and takes nothing new.

    A line of its own is handed out again, to the others.
    """
    queue.slot[queue.slot == slot] = GONE
    queue.lane[queue.lane == slot] = GONE


def fail(queue: Queue, params: Params, slot: int, t: int, sample: Sample) -> None:
    """A replica is killed at `t`: what it had in service is lost, and clients ask again.

    So is a line of its own.
    """
    lost = queue.slot == slot
    rows = queue.serving[lost]
    if len(queue.lane):
        rows = np.concatenate((rows, queue.waiting[queue.lane == slot]))
        stays = queue.lane != slot
        queue.waiting, queue.lane = queue.waiting[stays], queue.lane[stays]
    rows = rows[rows[:, UNTIL] >= t]  # the others have gone already
    sample.failed += len(rows)
    watch = watch_of(queue, params)
    if watch is not None:
        for since in rows[:, SINCE].tolist():
            watch.hear(float(t), since, False)
        watch.listen(float(t))
    rows = rows[rows[:, ATTEMPT] <= params.retries]
    send_back(queue, rows, comes_back(params, rows, np.full(len(rows), float(t))))
    if len(queue.batches):
        queue.batches = queue.batches[~lost]
    queue.serving, queue.leaves, queue.slot = (
        queue.serving[~lost],
        queue.leaves[~lost],
        queue.slot[~lost],
    )


def serve(world: World, params: Params, arrivals: Floats, sample: Sample) -> Served:
    """Serve one tick.

    Parameters
    ----------
    world : World
        `queue` is moved to the end of the tick; `replicas` are read.
    params : Params
    arrivals : ndarray, shape (requests, traffic.COLUMNS), by `SINCE`
        First attempts; those of clients that come back are in the queue.
    sample : Sample
        Of the tick: counts, latencies and busy time are put here.

    Notes
    -----
    arrived = served + shed + timed_out + failed + the change of `inside`, exactly.

    References
    ----------
    Kiefer, J. and Wolfowitz, J. (1955). On the theory of queues with many servers.
    """
    queue = world.queue
    t, end = sample.t, sample.t + sample.dt
    _retime(queue, params, t)
    attempts = _merge(queue, params, arrivals, t, end)
    if not (len(attempts) or len(queue.serving) or len(queue.waiting)):
        return _nothing(params, sample)

    ready = np.flatnonzero(world.replicas.phase == READY)
    if len(ready) > 1:  # begin with the one whose turn it is
        turn = queue.turn % len(ready)
        ready = np.concatenate((ready[turn:], ready[:turn]))
    visits = gather(queue, params, attempts, ready, (t, end))
    watch = watch_of(queue, params)
    placed = at_once(visits, queue, params, ready, (t, end), watch)
    if watch is not None:
        watch.earn(placed.first - len(queue.serving) - visits.waiting)
        hear(visits, params, (t, end), watch)
    if placed.first < len(visits.rows) or len(queue.waiting) or (placed.back_at < end).any():
        visits = one_by_one(visits, queue, params, ready, (t, end), placed, sample, watch)
    else:
        sample.arrived += len(attempts)
        queue.turn += len(attempts)
        send_back(queue, visits.rows[placed.back], placed.back_at)
    if watch is not None:
        watch.listen(end)
    return _settle(visits, queue, params, (t, end), sample)


def watch_of(queue: Queue, params: Params) -> Watch | None:
    """What clients hold back of themselves, if they do."""
    if params.budget is None and params.breaker is None:
        return None
    return Watch(queue.guard, params.budget, params.breaker)


def _settle(
    visits: Visits, queue: Queue, params: Params, span: tuple[int, int], sample: Sample
) -> Served:
    """Commit what left inside the tick, keep what is in service; all have been started."""
    t, end = span
    leave, until, place = visits.leave, visits.until, visits.slot + 1
    in_tick = np.minimum(leave, end)
    left = leave < end
    went = place[left]
    sample.handled = sample.executed = len(went)
    spent = in_tick - visits.start
    if visits.batch is not None:
        spent, sample.executed = _together(visits, visits.batch, params, spent, left)
    used: Floats = np.bincount(place, spent, params.slots + 1).astype(np.float64)
    sample.busy_ms = used[1:]
    answered = left
    late = until < leave
    if late.any():
        answered = left & ~late
        sample.timed_out += int(np.count_nonzero(late & (until < end) & (until >= t)))
    if params.bends.error_share.any():
        bad = answered & wrong(visits, params)
        answered = answered & ~bad
        sample.failed += int(np.count_nonzero(bad))
        for faulty in params.bends.erroring:
            hit = np.append(faulty.pods, False)[visits.slot[bad]]
            sample.hit(faulty.fault, np.count_nonzero(hit))
    stays = np.flatnonzero(~left)
    queue.serving = visits.rows.take(stays, axis=0)
    queue.leaves, queue.slot = leave[stays], visits.slot[stays]
    if visits.batch is not None:
        queue.batches = visits.batch[stays]

    told = np.flatnonzero(answered)
    leaves, slots = leave[told], visits.slot[told]
    served = Served(
        requests=visits.rows.take(told, axis=0),
        leaves=leaves,
        latency_ms=leaves - visits.since[told],
        predict_ms=visits.predict[told] / visits.speed[slots],
        dependency_ms=visits.read[told],
        slot=slots,
        handled=np.bincount(went, minlength=params.slots + 1)[1:],
        stays=Stays(visits.start, leave, visits.slot),
    )
    sample.served += len(told)
    sample.latency_ms, sample.predict_ms = served.latency_ms, served.predict_ms
    sample.dependency_ms, sample.slot = served.dependency_ms, slots
    return served


def _together(
    visits: Visits, batch: Floats, params: Params, spent: Floats, left: NDArray[np.bool_]
) -> tuple[Floats, int]:
    """A batch holds one slot and is one execution; each of its members waits for all of it."""
    visits.predict = batch[:, BATCH_WORK] * params.service_ms
    visits.read = batch[:, BATCH_DEPEND] * params.dependency_ms
    first = batch[:, SIZE] > 0
    return spent * first, int(np.count_nonzero(left & first))


def _nothing(params: Params, sample: Sample) -> Served:
    sample.busy_ms = np.zeros(params.slots)
    none, whole = np.empty(0), np.empty(0, np.int64)
    handled = np.zeros(params.slots, np.int64)
    stays = Stays(none, none, whole)
    return Served(np.empty((0, COLUMNS)), none, none, none, none, whole, handled, stays)


def _merge(queue: Queue, params: Params, arrivals: Floats, t: int, end: int) -> Floats:
    """First attempts and those of clients that come back in this tick, by arrival."""
    if not len(queue.retry_at):
        return arrivals
    due = queue.retry_at < end
    if not due.any():
        return arrivals
    rows = queue.retrying[due]
    rows[:, SINCE] = np.maximum(queue.retry_at[due], t)
    rows[:, UNTIL] = rows[:, SINCE] + params.timeout_ms
    rows[:, ATTEMPT] += 1
    queue.retrying, queue.retry_at = queue.retrying[~due], queue.retry_at[~due]
    rows = np.concatenate((arrivals, rows))
    return rows.take(np.argsort(rows[:, SINCE], kind="stable"), axis=0)


def _retime(queue: Queue, params: Params, t: int) -> None:
    """Scale what is left of the requests in service to the laws of this tick."""
    service_ms, dependency_ms, was = queue.pace
    speed = params.bends.speed
    if (
        service_ms == params.service_ms
        and dependency_ms == params.dependency_ms
        and was.tobytes() == speed.tobytes()
    ):
        return
    queue.pace = (params.service_ms, params.dependency_ms, speed.copy())
    # What a pod that was taken away still serves keeps its time: its speed is not known.
    held = np.flatnonzero(queue.slot >= 0)
    if len(held):
        rows, slot = queue.serving[held], queue.slot[held]
        work, depend = rows[:, WORK], rows[:, DEPEND]
        if params.lanes is not None:
            work, depend = queue.batches[held, :SIZE].T
        before = depend * dependency_ms + work * service_ms / np.maximum(was[slot], SLOWEST)
        after = depend * params.dependency_ms + work * params.service_ms / np.maximum(
            speed[slot], SLOWEST
        )
        queue.leaves[held] = t + (queue.leaves[held] - t) * (after / np.maximum(before, 1e-300))
