"""`fcfs.advance`, compiled: the same steps over arrays, where the extra `compiled` is installed.

The plain kernel is the reference and needs no compiler; this one gives the same numbers to the
last bit, for clients without a budget or a breaker. Read the plain one first: it explains the
steps.
"""

# What numba compiles has no types.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc, untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.pipeline.requests import ATTEMPT, ROW
from simulator.pipeline.serving.attempts import DETACHED, Attempts, Placement
from simulator.pipeline.serving.kernel import (
    GOLDEN,
    INF,
    LUCK,
    NAN,
    RetriedAttempts,
    SegmentOutcome,
    SegmentRules,
    dice_of,
)

_LUCK = np.array(LUCK)


def advance(
    attempts: Attempts,
    rules: SegmentRules,
    at: float,
    placement: Placement,
    free: list[int],
    busy: list[tuple[float, int]],
) -> SegmentOutcome:
    """Move the queue from `at` to the end of the segment.

    Parameters
    ----------
    attempts : Attempts
    rules : SegmentRules
    at : float, ms
    placement : Placement
        How far the attempts have been placed already.
    free : list of int
        Slots free per replica.
    busy : list of (float, int)
        When a slot becomes free, ms, and its replica; in order.
    """
    taken = len(attempts.leave)
    speeds = attempts.speed.tolist()
    paces = {speed: n for n, speed in enumerate(dict.fromkeys(speeds))}
    works = np.array([attempts.read_ms + attempts.predict_ms / speed for speed in paces])
    fresh = len(attempts.rows) - placement.first
    room = 1 + fresh * (2 if rules.retries else 1)
    fits = False
    while not fits:  # the inputs are not written to, so that more room may be tried
        fits, rows, taken_up, retry_times, waiting, counts = _advance(
            np.ascontiguousarray(attempts.since), np.ascontiguousarray(attempts.until),
            works, np.array([paces[speed] for speed in speeds], np.int64),
            dice_of(attempts.rows[:, ROW]), attempts.rows[:, ATTEMPT].astype(np.int64),
            attempts.start, attempts.leave, attempts.slot, np.array(free, np.int64),
            np.array([at for at, _ in busy], np.float64),
            np.array([replica for _, replica in busy], np.int64),
            taken, placement.first, 0 if attempts.queue_tail is None else len(attempts.queue_tail),
            placement.retry_at, placement.retrying,
            np.array(rules.replicas, np.int64), np.array(rules.error_share, np.float64),
            rules.queue_cap, rules.timeout_ms,
            rules.backoff_ms * 2.0 ** (np.arange(rules.retries + 1) - 1.0), rules.end, at, room,
        )  # fmt: skip
        room *= 4
    start, leave, slot = taken_up
    retrying, retry_at = retry_times
    arrived, shed, given_up, stayed, any_retried = counts
    retried = RetriedAttempts(*rows) if any_retried else None
    return SegmentOutcome(
        start, leave, slot, waiting, stayed, retrying, retry_at, retried, arrived, shed, given_up
    )  # fmt: skip


@njit(cache=True)
def _wide(column, size):
    """A copy of a column with room for more."""
    wider = np.empty(size, column.dtype)
    wider[: len(column)] = column
    return wider


@njit(cache=True)
def _sink(times, owners, last, when, who):
    """Replace the first entry of a heap, whose last is at `last`.

    A heap is two columns and not a list of pairs for heapq, as these are the innermost steps.
    """
    hole = 0
    while True:
        child = 2 * hole + 1
        if child > last:
            break
        if child < last:
            more = times[child + 1] - times[child]
            if more < 0 or (more == 0 and owners[child + 1] < owners[child]):
                child += 1
        if when < times[child] or (when == times[child] and who <= owners[child]):
            break
        times[hole], owners[hole] = times[child], owners[child]
        hole = child
    times[hole], owners[hole] = when, who


@njit(cache=True)
def _rise(times, owners, last, when, who):
    """Append an entry to a heap, at `last`, and let it rise."""
    hole = last
    while hole > 0:
        parent = (hole - 1) // 2
        if times[parent] < when or (times[parent] == when and owners[parent] <= who):
            break
        times[hole], owners[hole] = times[parent], owners[parent]
        hole = parent
    times[hole], owners[hole] = when, who


@njit(cache=True)
def _push_retry(at, k, end, retry_at, retrying, ends):
    """A client will retry: in this segment it goes to the front, later to the back."""
    if at < end:
        ends[0] += 1
        _rise(retry_at, retrying, ends[0], at, k)
    else:
        ends[1] -= 1
        retry_at[ends[1]], retrying[ends[1]] = at, k


@njit(cache=True)
def _retry(k, when, attempt, dice, pauses, end, retry_at, retrying, ends):
    n = attempt[k]
    if n < len(pauses):
        at = when + pauses[n] * (0.5 + (dice[k] + n * GOLDEN) % 1.0)
        _push_retry(at, k, end, retry_at, retrying, ends)


@njit(cache=True)
def _finish(k, done, share, until, attempt, dice, pauses, end, retry_at, retrying, ends):
    if until[k] < done:
        if until[k] < end:
            _retry(k, until[k], attempt, dice, pauses, end, retry_at, retrying, ends)
    elif done < end and dice[k] % 1.0 * _LUCK[attempt[k] % 32] % 1.0 < share:
        _retry(k, done, attempt, dice, pauses, end, retry_at, retrying, ends)


@njit(cache=True)
def _advance(
    since, until, works, pace, dice, attempt, start, leave, slot,
    free, busy_at, busy_of, taken, first, tail, due_at, due,
    order, errors, cap, patience, pauses, end, at, room,
):  # fmt: skip
    """Move the queue from `at` to the end of the segment; see `fcfs.advance`.

    `works` has a row for each speed, `pace` is the row of each replica; the first `taken` attempts
    have slots, and the others wait, up to `first`. The given columns are not written to.
    Returns False first if more attempts arrived than there is `room` for.
    """
    last = count = len(since)
    size = count + room
    since, until, dice = _wide(since, size), _wide(until, size), _wide(dice, size)
    attempt, origin = _wide(attempt, size), _wide(np.arange(count), size)
    start, leave, slot = _wide(start, size), _wide(leave, size), _wide(slot, size)
    start[taken:], leave[taken:], slot[taken:] = NAN, NAN, DETACHED
    free = free.copy()
    replicas = len(order)
    idle = 0
    for r in order:
        idle += max(free[r], 0)
    # Heaps, each ended by a sentinel. Of taken slots: sorted, they are a heap already.
    busy = len(busy_at)  # index of its last
    times, owners = np.full(busy + idle + 1, INF), np.full(busy + idle + 1, -1)
    times[:busy], owners[:busy] = busy_at, busy_of
    # Of retries in this segment; at the other end, growing towards them, of later retries.
    retry_at, retrying = np.full(size + len(due) + 1, INF), np.full(size + len(due) + 1, -1)
    ends = np.array([0, len(retrying)])
    for k in range(len(due)):
        _push_retry(due_at[k], due[k], end, retry_at, retrying, ends)
    # Of requests that leave the queue before the end.
    leaving, no_owner, waits = np.empty(size), np.zeros(size, np.int64), 0
    stays, staying, stayed = np.empty(size, np.int64), 0, -1
    arrived = shed = given_up = 0
    full_until = at
    fits, any_retried = True, False

    waiting = taken  # the next attempt that waited before the segment
    fresh = first  # the next attempt that is not a retry of this segment
    while True:
        if waiting < first:
            k, now, new = waiting, at, False
            waiting += 1
            placed = idle > 0 and until[k] >= at  # replicas were added since it began to wait
            if placed:
                r = order[0]
                for other in order:
                    if free[other] > free[r]:
                        r = other
        else:
            if stayed < 0:
                stayed = staying
            coming = since[fresh] if fresh < last else end
            if retry_at[0] >= coming and fresh >= last:
                break
            if arrived == room:
                fits = False
                break
            if retry_at[0] < coming:
                now, k = retry_at[0], retrying[0]
                ends[0] -= 1
                _sink(retry_at, retrying, ends[0], retry_at[ends[0] + 1], retrying[ends[0] + 1])
                if leave[k] == leave[k]:  # not nan: it has a slot, so the retry needs its own row
                    dice[count], attempt[count], origin[count] = dice[k], attempt[k], origin[k]
                    start[count], leave[count], slot[count] = NAN, NAN, DETACHED
                    k = count
                    count += 1
                since[k], until[k] = now, now + patience
                attempt[k] += 1
                any_retried = True
            else:
                k, now = fresh, coming
                fresh += 1
            new = True
            arrived += 1
            if now < full_until:
                shed += 1
                _retry(k, now, attempt, dice, pauses, end, retry_at, retrying, ends)
                continue
            while times[0] <= now:
                free[owners[0]] += 1
                idle += 1
                busy -= 1
                _sink(times, owners, busy, times[busy + 1], owners[busy + 1])
            placed = idle > 0
            if placed:
                turn = (arrived - 1) % replicas
                r = order[turn]
                while free[r] <= 0:
                    turn += 1
                    if turn == replicas:
                        turn = 0
                    r = order[turn]
        if placed:
            idle -= 1
            free[r] -= 1
            done = now + works[pace[r], origin[k]]
            start[k], slot[k], leave[k] = now, r, done
            busy += 1
            _rise(times, owners, busy, done, r)
            if until[k] < done or errors[r] > 0:
                _finish(
                    k, done, errors[r], until, attempt, dice, pauses, end, retry_at, retrying, ends
                )
            continue
        begin, r = times[0], owners[0]
        if new and waits + staying + tail >= cap:
            while waits > 0 and leaving[0] <= now:
                waits -= 1
                _sink(leaving, no_owner, waits - 1, leaving[waits], 0)
            if waits + staying + tail >= cap:
                full_until = leaving[0] if waits > 0 else begin
                shed += 1
                _retry(k, now, attempt, dice, pauses, end, retry_at, retrying, ends)
                continue
        if until[k] < begin:
            if until[k] < end:
                given_up += 1
                gone = max(now, until[k])
                _retry(k, gone, attempt, dice, pauses, end, retry_at, retrying, ends)
                _rise(leaving, no_owner, waits, gone, 0)
                waits += 1
                continue
        elif begin < end:
            done = begin + works[pace[r], origin[k]]
            start[k], slot[k], leave[k] = begin, r, done
            _sink(times, owners, busy, done, r)
            _rise(leaving, no_owner, waits, begin, 0)
            waits += 1
            if until[k] < done or errors[r] > 0:
                _finish(
                    k, done, errors[r], until, attempt, dice, pauses, end, retry_at, retrying, ends
                )
            continue
        stays[staying] = k
        staying += 1
    later = ends[1]
    return (
        fits,
        (origin[:count], since[:count], until[:count], attempt[:count]),
        (start[:count], leave[:count], slot[:count]),
        (retrying[later:][::-1], retry_at[later:][::-1]),
        stays[:staying],
        (arrived, shed, given_up, stayed, any_retried),
    )


def _ready() -> None:
    """Compile now, or read what was compiled before: not in the middle of a run."""
    none, whole = np.empty(0), np.empty(0, np.int64)
    nobody, slots = np.empty((1, 0)), np.zeros(1, np.int64)
    _advance(
        none, none, nobody, slots, none, whole, none, none, whole,
        slots, none, whole, 0, 0, 0, none, whole,
        slots, np.zeros(1), 0, 0.0, np.zeros(1), 0.0, 0.0, 1,
    )  # fmt: skip


_ready()
