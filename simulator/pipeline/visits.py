"""Visits: the attempts of one tick, and the slots that take them.

While nobody waits, a request leaves at its arrival plus its service, which is one line of
numpy. Whether nobody waits is checked on the result and exact by induction. From the first
request that finds its replica full, `fcfs.advance` goes on one by one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heapify
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.pipeline import fcfs
from simulator.pipeline.traffic import ATTEMPT, DEPEND, ROW, SINCE, UNTIL

if TYPE_CHECKING:
    from simulator.pipeline.world import Floats, Ints, Params, Queue, Sample

GONE = -1  # slot of a request whose pod was taken away and finishes it
SLOWEST = 1e-9  # a replica that hangs still has a speed: its requests never end, in effect


@dataclass
class Visits:
    """The attempts of one tick as columns: in service, then waiting, then arriving."""

    rows: Floats
    since: Floats
    until: Floats
    predict: Floats  # ms of the model's work at speed 1
    read: Floats  # ms of the feature read
    speed: Floats  # per replica, and 1 for those that are gone (index -1)
    # Of those that a slot has taken, which are the first; the others have not yet.
    start: Floats  # ms, the begin of the tick where it was before that
    leave: Floats
    slot: Ints


class Placed(NamedTuple):
    """How far `at_once` came."""

    first: int  # index of the first arrival that it did not place
    back: Ints  # attempts that are given up in service, by clients who will come back
    back_at: Floats  # when they do, ms


def gather(queue: Queue, params: Params, attempts: Floats, t: int) -> Visits:
    """What is in the server at `t` and what arrives in the tick."""
    held = len(queue.serving)
    rows = np.concatenate((queue.serving, queue.waiting, attempts))
    start, leave, slot = np.full(held, float(t)), queue.leaves, queue.slot
    since, until, work, depend = rows[:, SINCE : DEPEND + 1].T.copy()
    predict, read = work * params.service_ms, depend * params.dependency_ms
    speed = np.ones(len(params.speed) + 1)
    np.maximum(params.speed, SLOWEST, out=speed[:-1])
    return Visits(rows, since, until, predict, read, speed, start, leave, slot)


def at_once(
    visits: Visits, queue: Queue, params: Params, ready: Ints, span: tuple[int, int]
) -> Placed:
    """Place all that find a free slot as they come, up to the first that does not."""
    t, end = span
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
        back_at = comes_back(params, visits.rows[back], until[back])
        if len(back) and back_at.min() < end:
            # In this very tick: one by one from where the first of them comes back.
            n = min(n, int(since.searchsorted(back_at.min())))
            back, back_at = back[back < held + n], back_at[back < held + n]
        leave = leave[: held + n]
    visits.start = np.concatenate((visits.start, since[:n]))
    visits.leave = leave
    visits.slot = np.concatenate((queue.slot, slots[:n]))
    return Placed(first + n, back, back_at)


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
    late = departures[:, :turns] > came.reshape(turns, replicas).T
    return int(late.T.argmax()) if late.any() else n


def one_by_one(
    visits: Visits,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    placed: Placed,
    sample: Sample,
) -> Visits:
    """Go on request by request; the visits of those that a slot has taken."""
    first, back, back_at = placed
    held, waiting = len(queue.serving), len(queue.waiting)
    done = first - held - waiting  # arrivals placed already
    at = float(visits.since[first - 1]) if done else float(span[0])
    free = np.full(params.slots, -(2**31))
    free[ready] = params.concurrency
    taken = visits.slot[visits.leave >= at]
    free -= np.bincount(taken[taken >= 0], minlength=params.slots)
    turn = done % len(ready) if len(ready) else 0
    untaken = len(visits.rows) - len(visits.leave)
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
        start=visits.start.tolist() + [fcfs.NAN] * untaken,
        leave=visits.leave.tolist() + [fcfs.NAN] * untaken,
        slot=visits.slot.tolist() + [GONE] * untaken,
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
    if line.came > n - first:  # some came back in this very tick
        rows = rows.take(line.origin, axis=0)
        rows[:, SINCE], rows[:, UNTIL], rows[:, ATTEMPT] = line.since, line.until, line.attempt
    queue.waiting = rows.take(list(line.waiting), axis=0)
    queue.turn += done + line.came
    send_back(queue, rows.take(again, axis=0), np.array([at for at, _ in line.retrying]))
    sample.arrived += done + line.came
    sample.shed += line.shed
    sample.timed_out += line.given_up
    leave = np.array(line.leave)
    began = np.flatnonzero(~np.isnan(leave))
    return Visits(
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


def comes_back(params: Params, rows: Floats, since: Floats) -> Floats:
    """When clients who got no answer ask again, in ms."""
    return since + fcfs.backoff(params.retry_backoff_ms, rows[:, ATTEMPT], rows[:, ROW])


def send_back(queue: Queue, rows: Floats, at: Floats) -> None:
    """Clients go, and will ask again at `at`."""
    if len(rows):
        queue.retrying = np.concatenate((queue.retrying, rows))
        queue.retry_at = np.concatenate((queue.retry_at, at))
