"""Visits: the attempts of one tick, and the slots that take them.

While nobody waits, a request leaves at its arrival plus its service, which is one line of
numpy. Whether nobody waits is checked on the result and exact by induction. From the first
request that finds its replica full, `fcfs.advance` goes on one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline import fcfs
from simulator.pipeline.traffic import ATTEMPT, COLUMNS, DEPEND, ROW, SINCE, UNTIL, WORK

if TYPE_CHECKING:
    from simulator.pipeline.guard import Watch
    from simulator.pipeline.world import Floats, Ints, Params, Queue, Sample

GONE = -1  # slot of a request whose pod was taken away and finishes it
_LUCK = np.array(fcfs.LUCK)
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
    speed = np.ones(len(params.speed) + 1)
    np.maximum(params.speed, SLOWEST, out=speed[:-1])
    head = _head(queue.waiting, params, speed[ready], span) if len(queue.waiting) else 0
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
    """Place all that find a free slot as they come, up to the first that does not."""
    held, end = len(queue.serving), span[1]
    first = held + visits.waiting
    since, n = visits.since[first:], 0
    leaves, slots = since, np.empty(0, np.int64)
    if len(ready) and len(since) and first == held:
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
    return Placed(first + n, back, back_at)


def lost(visits: Visits, params: Params, span: tuple[int, int]) -> Ints:
    """Which of those in service end without an answer in this tick, by their clients' lights.

    The client has gone before the answer is there, or the answer is an error.
    """
    t, end = span
    leave = visits.leave
    until = visits.until[: len(leave)]
    late = until < leave
    found = late & (until < end) & (until >= t) if late.any() else late
    if params.errors.any():
        found = found | (~late & (leave < end) & wrong(visits, params))
    return np.flatnonzero(found)


def wrong(visits: Visits, params: Params) -> NDArray[np.bool_]:
    """Which of those in service will be answered with an error."""
    rows = visits.rows[: len(visits.leave)]
    share = np.append(params.errors, 0.0)[visits.slot]  # a pod that was taken away has none
    luck = _LUCK.take(rows[:, ATTEMPT].astype(np.int64), mode="wrap")
    found: NDArray[np.bool_] = fcfs.errs(fcfs.dice_of(rows[:, ROW]), luck, share)
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


def one_by_one(
    visits: Visits,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    placed: Placed,
    sample: Sample,
    watch: Watch | None,
) -> Visits:
    """Go on request by request; the visits of those that a slot has taken."""
    first, back, back_at = placed
    held, waiting = len(queue.serving), visits.waiting
    behind = np.empty((0, COLUMNS)) if visits.behind is None else visits.behind
    done = first - held - waiting  # arrivals placed already
    at = float(visits.since[first - 1]) if done else float(span[0])
    free, busy = _slots(visits, params, ready, at)
    turn = done % len(ready) if len(ready) else 0
    untaken = len(visits.rows) - len(visits.leave)
    retrying = list(zip(back_at.tolist(), back.tolist(), strict=True))
    heapify(retrying)
    line = fcfs.Line(
        since=visits.since.tolist(),
        until=visits.until.tolist(),
        works=_works(visits, ready),
        dice=fcfs.dice_of(visits.rows[:, ROW]).tolist(),
        attempt=visits.rows[:, ATTEMPT].astype(np.int64).tolist(),
        origin=list(range(len(visits.rows))),
        start=visits.start.tolist() + [fcfs.NAN] * untaken,
        leave=visits.leave.tolist() + [fcfs.NAN] * untaken,
        slot=visits.slot.tolist() + [GONE] * untaken,
        free=free,
        busy=busy,
        waiting=list(range(held, held + waiting)),
        behind=len(behind),
        retrying=retrying,
    )
    rules = fcfs.Rules(
        order=[*ready[turn:].tolist(), *ready[:turn].tolist()],
        errors=params.errors.tolist(),
        cap=params.queue_cap,
        timeout_ms=params.timeout_ms,
        retries=params.retries,
        backoff_ms=params.retry_backoff_ms,
        end=float(span[1]),
    )
    fcfs.advance(line, rules, at, first, watch)

    again = [*line.retrying, *line.later]
    rows, predict, read = visits.rows, visits.predict, visits.read
    if line.returned:
        rows, predict, read = (each.take(line.origin, axis=0) for each in (rows, predict, read))
        rows[:, SINCE], rows[:, UNTIL], rows[:, ATTEMPT] = line.since, line.until, line.attempt
    early = line.stayed
    queue.waiting = np.concatenate(
        (
            rows.take(line.waiting[:early], axis=0),
            behind,
            rows.take(line.waiting[early:], axis=0),
        )
    )
    queue.turn += done + line.came
    back_rows = rows.take([k for _, k in again], axis=0)
    send_back(queue, back_rows, np.array([back_at for back_at, _ in again]))
    sample.arrived += done + line.came + line.kept_away
    sample.shed += line.shed + line.kept_away
    sample.kept_away += line.kept_away
    sample.spared += line.spared
    sample.timed_out += line.given_up
    leave = np.array(line.leave)
    began = np.flatnonzero(~np.isnan(leave))
    rows = rows.take(began, axis=0)
    return Visits(
        rows,
        rows[:, SINCE],
        rows[:, UNTIL],
        predict[began],
        read[began],
        visits.speed,
        np.array(line.start)[began],
        leave[began],
        np.array(line.slot)[began],
    )


def _slots(
    visits: Visits, params: Params, ready: Ints, at: float
) -> tuple[list[int], list[tuple[float, int]]]:
    """How many slots of each replica are free at `at`, and a heap of when the others will be."""
    free = np.full(params.slots, -(2**31))
    free[ready] = params.concurrency
    taken = (visits.leave >= at) & (visits.slot >= 0)
    free -= np.bincount(visits.slot[taken], minlength=params.slots)
    left = free.tolist()
    busy = sorted(zip(visits.leave[taken].tolist(), visits.slot[taken].tolist(), strict=True))
    if min(left, default=0) < 0:
        # A replica that serves more than it has slots for, since these became fewer, gives
        # nobody a slot until that many have left.
        whole, busy = busy, []
        for leave, slot in whole:
            if left[slot] < 0:
                left[slot] += 1
            else:
                busy.append((leave, slot))
    return left, [*busy, fcfs.NOBODY]


def _works(visits: Visits, ready: Ints) -> list[list[float]]:
    """How long each request takes on each replica; those that are equally fast share a list."""
    speeds = visits.speed.tolist()
    lists = {
        speed: (visits.read + visits.predict / speed).tolist()
        for speed in dict.fromkeys(speeds[slot] for slot in ready.tolist())
    }
    nobody: list[float] = next(iter(lists.values()), [])
    return [lists.get(speed, nobody) for speed in speeds]


def comes_back(params: Params, rows: Floats, since: Floats) -> Floats:
    """When clients who got no answer ask again, in ms."""
    return since + fcfs.backoff(params.retry_backoff_ms, rows[:, ATTEMPT], rows[:, ROW])


def send_back(queue: Queue, rows: Floats, at: Floats) -> None:
    """Clients go, and will ask again at `at`."""
    if len(rows):
        queue.retrying = np.concatenate((queue.retrying, rows))
        queue.retry_at = np.concatenate((queue.retry_at, at))
