"""Visits: the attempts of one tick, and the slots that take them.

While nobody waits, a request leaves at its arrival plus its service, which is one line of
numpy. Whether nobody waits is checked on the result and exact by induction. From the first
request that finds its replica full, `one_by_one` goes on; where somebody is sure to wait soon, it
begins with the first of all. What becomes of the requests is the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, DEPEND, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.serving.batching import alone
from simulator.pipeline.serving.client_guard import Watch
from simulator.pipeline.serving.kernel import LUCK, backoff, dice_of, errs
from simulator.pipeline.world import Queue

GONE = -1  # slot of a request whose pod was taken away and finishes it
_LUCK = np.array(LUCK)
SLOWEST = 1e-9  # a replica that hangs still has a speed: its requests never end, in effect


@dataclass
class Visits:
    """The attempts of one tick as columns: in service, then waiting, then arriving.

    Of a long line only its head has a place here, those that may get a slot in this tick.
    """

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
    waiting: int = 0  # how many of the line are here
    behind: Floats | None = None  # the rest of the line, which stays as it is
    batch: Floats | None = None  # where there are lanes, of those taken (see batching.py)


class Placed(NamedTuple):
    """How far `at_once` came."""

    first: int  # index of the first arrival that it did not place
    back: Ints  # attempts that end without an answer, of clients who will come back
    back_at: Floats  # when they do, ms


def gather(
    queue: Queue, params: Params, attempts: Floats, ready: Ints, span: tuple[int, int]
) -> Visits:
    """What is in the server at the begin of the tick and what arrives in it."""
    held, t = len(queue.serving), span[0]
    speed = np.ones(len(params.bends.speed) + 1)
    np.maximum(params.bends.speed, SLOWEST, out=speed[:-1])
    head = len(queue.waiting)
    if head and params.lanes is None:
        head = _head(queue.waiting, params, speed[ready], span)
    rows = np.concatenate((queue.serving, queue.waiting[:head], attempts))
    start, leave, slot = np.full(held, float(t)), queue.leaves, queue.slot
    since, until, work, depend = rows[:, SINCE : DEPEND + 1].T.copy()
    predict, read = work * params.service_ms, depend * params.dependency_ms
    behind = queue.waiting[head:]
    return Visits(rows, since, until, predict, read, speed, start, leave, slot, head, behind)


def _head(waiting: Floats, params: Params, speeds: Floats, span: tuple[int, int]) -> int:
    """How many of a line have to be looked at: the first that cannot start, and all before it.

    A slot is at work for the length of the tick at most, and one request a slot is not done
    at its end. So what all that have started need, each at most that length, is no more than
    twice what the slots have. Whoever gives up needs nothing.
    """
    slots, length = len(speeds) * params.concurrency, span[1] - span[0]
    stays = waiting[:, UNTIL] >= span[1]
    work = waiting[:, WORK] * (params.service_ms / (speeds.max() if slots else 1.0))
    work += waiting[:, DEPEND] * params.dependency_ms
    needed = (np.minimum(work, length) * stays).cumsum()
    head = 1 + int(needed.searchsorted(2 * slots * length, side="right"))
    return min(head, len(waiting)) if stays[head:].all() else len(waiting)


def at_once(
    visits: Visits,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    watch: Watch | None,
) -> Placed:
    """Place all that find a free slot as they come, up to the first that does not.

    Or nobody, where it is not worth a look.
    """
    held, end = len(queue.serving), span[1]
    first = held + visits.waiting
    since, n = visits.since[first:], 0
    leaves, slots = since, np.empty(0, np.int64)
    in_turn = params.lanes is None or params.lanes.plain
    if first == held and in_turn and _worth_a_look(visits, params, ready, span):
        slots = ready[np.arange(len(since)) % len(ready)]
        leaves = since + (visits.read[held:] + visits.predict[held:] / visits.speed[slots])
        n = _free(queue, ready, params.concurrency, since, leaves)

    def place(n: int) -> Ints:
        visits.start = np.concatenate((start, since[:n]))
        visits.leave = np.concatenate((queue.leaves, leaves[:n]))
        visits.slot = np.concatenate((queue.slot, slots[:n]))
        return lost(visits, params, span)

    start = visits.start
    back = place(n)
    if watch is not None and n:
        # Who holds back is asked one by one, unless there is no reason to hold back.
        again = (visits.rows[held : held + n, ATTEMPT] > 1).any()
        if len(back) or again or not watch.calm:
            n, back = 0, place(0)
    back_at = np.empty(0)
    if len(back):
        back = back[visits.rows[back, ATTEMPT] <= params.retries]
        ends = np.minimum(visits.until[back], visits.leave[back])
        back_at = comes_back(params, visits.rows[back], ends)
        if len(back) and back_at.min() < end:
            # In this very tick: one by one from where the first of them comes back.
            n = min(n, int(since.searchsorted(back_at.min())))
            back, back_at = back[back < held + n], back_at[back < held + n]
            place(n)
    if params.lanes is not None:
        visits.batch = np.concatenate((queue.batches, alone(visits.rows[held : held + n])))
    return Placed(first + n, back, back_at)


def _worth_a_look(visits: Visits, params: Params, ready: Ints, span: tuple[int, int]) -> bool:
    """Whether those who come may all find a slot at once.

    A guess, on which nothing depends but how long it takes: to look for nothing is up to a fifth
    of a tick. In service are as many as work comes in a stretch, give or take its root, and the
    highest of n such numbers is about as many roots above the mean as the root of 2 log n.
    """
    come = slice(len(visits.leave), None)
    n = len(visits.since) - come.start
    if not n or not len(ready):
        return False
    paces = (1.0 / visits.speed[ready]).sum() / len(ready)
    work = visits.read[come].sum() + visits.predict[come].sum() * paces
    load = min(float(work) / (span[1] - span[0]), len(visits.leave) + n)
    return load + math.sqrt(2.0 * math.log(n) * load) < len(ready) * params.concurrency


def lost(visits: Visits, params: Params, span: tuple[int, int]) -> Ints:
    """Which of those in service end without an answer in this tick, by their clients' lights.

    The client has gone before the answer is there, or the answer is an error.
    """
    t, end = span
    leave = visits.leave
    until = visits.until[: len(leave)]
    late = until < leave
    found = late & (until < end) & (until >= t) if late.any() else late
    if params.bends.error_share.any():
        found = found | (~late & (leave < end) & wrong(visits, params))
    return np.flatnonzero(found)


def wrong(visits: Visits, params: Params) -> NDArray[np.bool_]:
    """Which of those in service will be answered with an error."""
    rows = visits.rows[: len(visits.leave)]
    share = np.append(params.bends.error_share, 0.0)[
        visits.slot
    ]  # a pod that was taken away has none
    luck = _LUCK.take(rows[:, ATTEMPT].astype(np.int64), mode="wrap")
    found: NDArray[np.bool_] = errs(dice_of(rows[:, ROW]), luck, share)
    return found


def hear(visits: Visits, params: Params, span: tuple[int, int], watch: Watch) -> None:
    """The breaker hears how those in service will have ended."""
    ends = np.minimum(visits.until[: len(visits.leave)], visits.leave)
    well = np.ones(len(ends), np.bool_)
    well[lost(visits, params, span)] = False
    for k in np.flatnonzero((ends >= span[0]) & (ends < span[1])).tolist():
        watch.hear(float(ends[k]), float(visits.since[k]), bool(well[k]))


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


def comes_back(params: Params, rows: Floats, since: Floats) -> Floats:
    """When clients who got no answer ask again, in ms."""
    return since + backoff(params.retry_backoff_ms, rows[:, ATTEMPT], rows[:, ROW])


def send_back(queue: Queue, rows: Floats, at: Floats) -> None:
    """Clients go, and will ask again at `at`."""
    if len(rows):
        queue.retrying = np.concatenate((queue.retrying, rows))
        queue.retry_at = np.concatenate((queue.retry_at, at))
