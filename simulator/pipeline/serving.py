"""Serving: requests wait for a slot of a replica, are scored, and leave.

One line before all replicas, first come, first served. Replicas take requests in turn, a
full one passes them on. What leaves inside the tick is committed; what waits or is in
service stays in `World.queue` and feels every law that changes: an action helps an
existing backlog.

While nobody waits, a request leaves at its arrival plus its service, which is one line of
numpy. Whether nobody waits is checked on the result and exact by induction. From the first
request that finds its replica full, `fcfs.advance` goes on one by one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heapify
from typing import TYPE_CHECKING

import numpy as np

from simulator.pipeline import fcfs
from simulator.pipeline.traffic import ATTEMPT, COLUMNS, DEPEND, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.world import READY, Queue

if TYPE_CHECKING:
    from simulator.pipeline.world import Floats, Ints, Params, Sample, World

GONE = -1  # slot of a request whose pod was taken away and finishes it
SLOWEST = 1e-9  # a replica that hangs still has a speed: its requests never end, in effect


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
    """A pod is taken away in peace: it finishes what it serves and takes nothing new."""
    queue.slot[queue.slot == slot] = GONE


def fail(queue: Queue, params: Params, slot: int, t: int, sample: Sample) -> None:
    """A replica is killed at `t`: what it had in service is lost, and clients ask again."""
    lost = queue.slot == slot
    rows = queue.serving[lost]
    rows = rows[rows[:, UNTIL] >= t]  # the others have gone already
    sample.failed += len(rows)
    rows = rows[rows[:, ATTEMPT] <= params.retries]
    _send_back(queue, rows, _comes_back(params, rows, np.full(len(rows), float(t))))
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
    visits = _visits(queue, params, attempts, t)
    placed, back, back_at = _at_once(visits, queue, params, ready, t, end)
    if placed < len(visits.rows) or len(queue.waiting) or (back_at < end).any():
        after = (placed, back, back_at)
        visits = _one_by_one(visits, queue, params, ready, (t, end), after, sample)
    else:
        sample.arrived += len(attempts)
        queue.turn += len(attempts)
        _send_back(queue, visits.rows[back], back_at)
    return _settle(visits, queue, params, (t, end), sample)


@dataclass
class _Visits:
    """The attempts of one tick as columns: in service, then waiting, then arriving."""

    rows: Floats
    since: Floats
    until: Floats
    predict: Floats  # ms of the model's work at speed 1
    read: Floats  # ms of the feature read
    speed: Floats  # per replica, and 1 for those that are gone (index -1)
    start: Floats  # nan until a slot takes it; the tick's begin where that was before
    leave: Floats
    slot: Ints


def _visits(queue: Queue, params: Params, attempts: Floats, t: int) -> _Visits:
    held = len(queue.serving)
    rows = np.concatenate((queue.serving, queue.waiting, attempts))
    start, leave = np.full((2, len(rows)), np.nan)
    slot = np.full(len(rows), GONE)
    start[:held], leave[:held], slot[:held] = t, queue.leaves, queue.slot
    since, until, work, depend = rows[:, SINCE : DEPEND + 1].T.copy()
    predict, read = work * params.service_ms, depend * params.dependency_ms
    speed = np.ones(len(params.speed) + 1)
    np.maximum(params.speed, SLOWEST, out=speed[:-1])
    return _Visits(rows, since, until, predict, read, speed, start, leave, slot)


def _at_once(
    visits: _Visits, queue: Queue, params: Params, ready: Ints, t: int, end: int
) -> tuple[int, Ints, Floats]:
    """Place all that find a free slot as they come, up to the first that does not.

    Returns
    -------
    placed : int
        Index of the first arrival that is not placed.
    back : indices of attempts whose clients go and come back
    back_at : when they do, ms
    """
    held = len(queue.serving)
    first = held + len(queue.waiting)
    since, n = visits.since[first:], 0
    leaves, slots = since, np.empty(0, np.int64)
    if len(ready) and len(since) and first == held:
        slots = ready[np.arange(len(since)) % len(ready)]
        leaves = since + (visits.read[held:] + visits.predict[held:] / visits.speed[slots])
        n = _free(queue, ready, params.concurrency, since, leaves)

    leave = np.concatenate((queue.leaves, leaves[:n]))
    until = visits.until[: held + n]
    back, back_at = np.flatnonzero(until < leave), np.empty(0)
    if len(back):
        back = back[(until[back] >= t) & (until[back] < end)]
        back = back[visits.rows[back, ATTEMPT] <= params.retries]
        back_at = _comes_back(params, visits.rows[back], until[back])
        if len(back) and back_at.min() < end:
            # In this very tick: one by one from where the first of them comes back.
            n = min(n, int(since.searchsorted(back_at.min())))
            back, back_at = back[back < held + n], back_at[back < held + n]
    visits.start[held : held + n] = since[:n]
    visits.leave[held : held + n] = leaves[:n]
    visits.slot[held : held + n] = slots[:n]
    return first + n, back, back_at


def _free(queue: Queue, ready: Ints, concurrency: int, since: Floats, leaves: Floats) -> int:
    """How many arrivals, dealt in turn, find a free slot of their replica at once.

    The i-th to come to c slots finds one free if the i-th of all departures, with those of
    the c requests that are in them at first (-inf for an empty slot), has happened by then.
    """
    replicas, n = len(ready), len(since)
    turns = -(-n // replicas)
    came, left = np.full((2, turns * replicas), np.inf)
    came[:n], left[:n] = since, leaves
    departures = np.empty((replicas, concurrency + turns))
    departures[:, :concurrency] = -np.inf
    departures[:, concurrency:] = left.reshape(turns, replicas).T
    column = dict.fromkeys(ready.tolist(), 0)
    line = {slot: i for i, slot in enumerate(column)}
    for slot, leave in zip(queue.slot.tolist(), queue.leaves.tolist(), strict=True):
        if slot in line:
            if column[slot] == concurrency:  # more than its slots, which have become fewer
                return 0
            departures[line[slot], column[slot]] = leave
            column[slot] += 1
    departures.sort(axis=1)
    late = came.reshape(turns, replicas) < departures[:, :turns].T
    return int(late.argmax()) if late.any() else n


def _one_by_one(
    visits: _Visits,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    placed: tuple[int, Ints, Floats],
    sample: Sample,
) -> _Visits:
    """Go on request by request; the visits with further attempts at their end."""
    first, back, back_at = placed
    held, waiting = len(queue.serving), len(queue.waiting)
    done = first - held - waiting  # arrivals placed already
    at = float(visits.since[first - 1]) if done else float(span[0])
    free = np.full(params.slots, -(2**31))
    free[ready] = params.concurrency
    taken = visits.slot[:first][visits.leave[:first] >= at]
    free -= np.bincount(taken[taken >= 0], minlength=params.slots)
    turn = done % len(ready) if len(ready) else 0
    retrying = list(zip(back_at.tolist(), back.tolist(), strict=True))
    heapify(retrying)
    line = fcfs.Line(
        since=visits.since.tolist(),
        until=visits.until.tolist(),
        predict=visits.predict.tolist(),
        read=visits.read.tolist(),
        row=visits.rows[:, ROW].tolist(),
        attempt=visits.rows[:, ATTEMPT].tolist(),
        origin=list(range(len(visits.rows))),
        start=visits.start.tolist(),
        leave=visits.leave.tolist(),
        slot=visits.slot.tolist(),
        free=free.tolist(),
        waiting=deque(range(held, held + waiting)),
        retrying=retrying,
    )
    rules = fcfs.Rules(
        order=[*ready[turn:].tolist(), *ready[:turn].tolist()],
        speed=visits.speed.tolist(),
        cap=params.queue_cap,
        timeout_ms=params.timeout_ms,
        retries=params.retries,
        backoff_ms=params.retry_backoff_ms,
        end=float(span[1]),
    )
    fcfs.advance(line, rules, at, first)

    n = len(visits.rows)
    again = [k for _, k in line.retrying]
    rows = visits.rows
    if len(line.since) > n:  # attempts that came back in this very tick
        rows = np.concatenate((rows, rows.take(line.origin[n:], axis=0)))
        rows[n:, SINCE], rows[n:, UNTIL] = line.since[n:], line.until[n:]
        rows[n:, ATTEMPT] = line.attempt[n:]
    queue.waiting = rows.take(list(line.waiting), axis=0)
    queue.turn += done + line.came
    _send_back(queue, rows.take(again, axis=0), np.array([at for at, _ in line.retrying]))
    sample.arrived += done + line.came
    sample.shed += line.shed
    sample.timed_out += line.given_up
    leave = np.array(line.leave)
    began = np.flatnonzero(~np.isnan(leave))
    return _Visits(
        rows.take(began, axis=0),
        rows[began, SINCE],
        rows[began, UNTIL],
        np.concatenate((visits.predict, line.predict[n:]))[began],
        np.concatenate((visits.read, line.read[n:]))[began],
        visits.speed,
        np.array(line.start)[began],
        leave[began],
        np.array(line.slot)[began],
    )


def _settle(
    visits: _Visits, queue: Queue, params: Params, span: tuple[int, int], sample: Sample
) -> Served:
    """Commit what left inside the tick, keep what is in service; all have been started."""
    t, end = span
    leave, until, place = visits.leave, visits.until, visits.slot + 1
    in_tick = np.minimum(leave, end)
    used: Floats = np.bincount(place, in_tick - visits.start, params.slots + 1).astype(np.float64)
    sample.busy_ms = used[1:]
    left = leave < end
    answered = left
    late = until < leave
    if late.any():
        answered = left & ~late
        sample.timed_out += int(np.count_nonzero(late & (until < end) & (until >= t)))
    stays = np.flatnonzero(~left)
    queue.serving = visits.rows.take(stays, axis=0)
    queue.leaves, queue.slot = leave[stays], visits.slot[stays]

    told = np.flatnonzero(answered)
    leaves, slots = leave[told], visits.slot[told]
    served = Served(
        requests=visits.rows.take(told, axis=0),
        leaves=leaves,
        latency_ms=leaves - visits.since[told],
        predict_ms=visits.predict[told] / visits.speed[slots],
        dependency_ms=visits.read[told],
        slot=slots,
        handled=np.bincount(place[left], minlength=params.slots + 1)[1:],
    )
    sample.served += len(told)
    sample.latency_ms, sample.predict_ms = served.latency_ms, served.predict_ms
    sample.dependency_ms = served.dependency_ms
    return served


def _nothing(params: Params, sample: Sample) -> Served:
    sample.busy_ms = np.zeros(params.slots)
    none, whole = np.empty(0), np.empty(0, np.int64)
    handled = np.zeros(params.slots, np.int64)
    return Served(np.empty((0, COLUMNS)), none, none, none, none, whole, handled)


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


def _comes_back(params: Params, rows: Floats, since: Floats) -> Floats:
    return since + fcfs.backoff(params.retry_backoff_ms, rows[:, ATTEMPT], rows[:, ROW])


def _send_back(queue: Queue, rows: Floats, at: Floats) -> None:
    if len(rows):
        queue.retrying = np.concatenate((queue.retrying, rows))
        queue.retry_at = np.concatenate((queue.retry_at, at))


def _retime(queue: Queue, params: Params, t: int) -> None:
    """Scale what is left of the requests in service to the laws of this tick."""
    service_ms, dependency_ms, was = queue.pace
    speed = params.speed
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
        before = depend * dependency_ms + work * service_ms / np.maximum(was[slot], SLOWEST)
        after = depend * params.dependency_ms + work * params.service_ms / np.maximum(
            speed[slot], SLOWEST
        )
        queue.leaves[held] = t + (queue.leaves[held] - t) * (after / np.maximum(before, 1e-300))
