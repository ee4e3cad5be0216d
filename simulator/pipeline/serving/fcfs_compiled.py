"""`fcfs.advance`, compiled: the same steps over arrays, where the extra `compiled` is installed.

The plain one is the reference and needs no compiler; this one gives the same numbers to the
last bit, for clients without a budget or a breaker. Read that one first: what a step means is
said there.
"""

# What numba compiles has no types.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc, untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.pipeline.requests import ATTEMPT, ROW
from simulator.pipeline.serving.attempts import GONE, Placed, Visits
from simulator.pipeline.serving.kernel import (
    GOLDEN,
    INF,
    LUCK,
    NAN,
    Moved,
    Returned,
    Rules,
    dice_of,
)

_LUCK = np.array(LUCK)


def advance(
    visits: Visits,
    rules: Rules,
    at: float,
    placed: Placed,
    free: list[int],
    busy: list[tuple[float, int]],
) -> Moved:
    """Move a line from `at` to the end of the stretch.

    Parameters
    ----------
    visits : Visits
    rules : Rules
    at : float, ms
    placed : Placed
        How far the attempts have been placed before.
    free : list of int
        Slots free per replica.
    busy : list of (float, int)
        When a slot gets free, ms, and whose it is; in order.
    """
    taken = len(visits.leave)
    speeds = visits.speed.tolist()
    paces = {speed: n for n, speed in enumerate(dict.fromkeys(speeds))}
    works = np.array([visits.read + visits.predict / speed for speed in paces])
    fresh = len(visits.rows) - placed.first
    room = 1 + fresh * (2 if rules.retries else 1)
    fits = False
    while not fits:  # what is given stays as it was, so that more room may be tried
        fits, rows, taken_up, comes_back, waiting, counts = _advance(
            np.ascontiguousarray(visits.since), np.ascontiguousarray(visits.until),
            works, np.array([paces[speed] for speed in speeds], np.int64),
            dice_of(visits.rows[:, ROW]), visits.rows[:, ATTEMPT].astype(np.int64),
            visits.start, visits.leave, visits.slot, np.array(free, np.int64),
            np.array([when for when, _ in busy], np.float64),
            np.array([whose for _, whose in busy], np.int64),
            taken, placed.first, 0 if visits.behind is None else len(visits.behind),
            placed.back_at, placed.back,
            np.array(rules.order, np.int64), np.array(rules.errors, np.float64),
            rules.cap, rules.timeout_ms,
            rules.backoff_ms * 2.0 ** (np.arange(rules.retries + 1) - 1.0), rules.end, at, room,
        )  # fmt: skip
        room *= 4
    start, leave, slot = taken_up
    again, again_at = comes_back
    came, shed, given_up, stayed, returned = counts
    asked = Returned(*rows) if returned else None
    return Moved(
        start, leave, slot, waiting, stayed, again, again_at, asked, came, shed, given_up
    )  # fmt: skip


@njit(cache=True)
def _wide(column, size):
    """A copy of a column with room for more."""
    wider = np.empty(size, column.dtype)
    wider[: len(column)] = column
    return wider


@njit(cache=True)
def _sink(times, owners, last, when, who):
    """Put an entry in the place of a heap's first; its last is at `last`.

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
    """Put an entry behind a heap's last, which it becomes at first: at `last`."""
    hole = last
    while hole > 0:
        parent = (hole - 1) // 2
        if times[parent] < when or (times[parent] == when and owners[parent] <= who):
            break
        times[hole], owners[hole] = times[parent], owners[parent]
        hole = parent
    times[hole], owners[hole] = when, who


@njit(cache=True)
def _ask_again(at, k, end, again_at, again, ends):
    """A client will: one who does so in this stretch goes to the front, and else to the back."""
    if at < end:
        ends[0] += 1
        _rise(again_at, again, ends[0], at, k)
    else:
        ends[1] -= 1
        again_at[ends[1]], again[ends[1]] = at, k


@njit(cache=True)
def _come_back(k, when, attempt, dice, pauses, end, again_at, again, ends):
    n = attempt[k]
    if n < len(pauses):
        at = when + pauses[n] * (0.5 + (dice[k] + n * GOLDEN) % 1.0)
        _ask_again(at, k, end, again_at, again, ends)


@njit(cache=True)
def _finish(k, done, share, until, attempt, dice, pauses, end, again_at, again, ends):
    if until[k] < done:
        if until[k] < end:
            _come_back(k, until[k], attempt, dice, pauses, end, again_at, again, ends)
    elif done < end and dice[k] % 1.0 * _LUCK[attempt[k] % 32] % 1.0 < share:
        _come_back(k, done, attempt, dice, pauses, end, again_at, again, ends)


@njit(cache=True)
def _advance(
    since, until, works, pace, dice, attempt, start, leave, slot,
    free, busy_at, busy_of, taken, first, behind, back_at, back,
    order, errors, cap, patience, pauses, end, at, room,
):  # fmt: skip
    """Move a line from `at` to the end of the stretch; see `fcfs.advance`.

    `works` has a row for each speed, `pace` says which is a replica's; the first rows, as many as
    `taken`, have slots, and the others wait up to `first`. Columns that are given are not written
    to. False comes first if more attempts came than there is `room` for.
    """
    last = count = len(since)
    size = count + room
    since, until, dice = _wide(since, size), _wide(until, size), _wide(dice, size)
    attempt, origin = _wide(attempt, size), _wide(np.arange(count), size)
    start, leave, slot = _wide(start, size), _wide(leave, size), _wide(slot, size)
    start[taken:], leave[taken:], slot[taken:] = NAN, NAN, GONE
    free = free.copy()
    replicas = len(order)
    idle = 0
    for r in order:
        idle += max(free[r], 0)
    # Heaps, at whose ends is always nobody. Of taken slots: in order, they are one.
    busy = len(busy_at)  # where its last is
    times, owners = np.full(busy + idle + 1, INF), np.full(busy + idle + 1, -1)
    times[:busy], owners[:busy] = busy_at, busy_of
    # Of clients who come back; behind it, growing towards it, those who do so later.
    again_at, again = np.full(size + len(back) + 1, INF), np.full(size + len(back) + 1, -1)
    ends = np.array([0, len(again)])
    for k in range(len(back)):
        _ask_again(back_at[k], back[k], end, again_at, again, ends)
    # Of those who wait and cease to do so before the end.
    ahead, unnamed, waits = np.empty(size), np.zeros(size, np.int64), 0
    stays, staying, stayed = np.empty(size, np.int64), 0, -1
    came = shed = given_up = 0
    room_at = at
    fits, returned = True, False

    waiting = taken  # the next of those who waited before
    fresh = first  # the next attempt that comes of itself and not after another
    while True:
        if waiting < first:
            k, now, new = waiting, at, False
            waiting += 1
            placed = idle > 0 and until[k] >= at  # replicas have come since it began to wait
            if placed:
                r = order[0]
                for other in order:
                    if free[other] > free[r]:
                        r = other
        else:
            if stayed < 0:
                stayed = staying
            coming = since[fresh] if fresh < last else end
            if again_at[0] >= coming and fresh >= last:
                break
            if came == room:
                fits = False
                break
            if again_at[0] < coming:
                now, k = again_at[0], again[0]
                ends[0] -= 1
                _sink(again_at, again, ends[0], again_at[ends[0] + 1], again[ends[0] + 1])
                if leave[k] == leave[k]:  # not nan: a slot has it, so it needs a place of its own
                    dice[count], attempt[count], origin[count] = dice[k], attempt[k], origin[k]
                    start[count], leave[count], slot[count] = NAN, NAN, GONE
                    k = count
                    count += 1
                since[k], until[k] = now, now + patience
                attempt[k] += 1
                returned = True
            else:
                k, now = fresh, coming
                fresh += 1
            new = True
            came += 1
            if now < room_at:
                shed += 1
                _come_back(k, now, attempt, dice, pauses, end, again_at, again, ends)
                continue
            while times[0] <= now:
                free[owners[0]] += 1
                idle += 1
                busy -= 1
                _sink(times, owners, busy, times[busy + 1], owners[busy + 1])
            placed = idle > 0
            if placed:
                turn = (came - 1) % replicas
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
                    k, done, errors[r], until, attempt, dice, pauses, end, again_at, again, ends
                )
            continue
        begin, r = times[0], owners[0]
        if new and waits + staying + behind >= cap:
            while waits > 0 and ahead[0] <= now:
                waits -= 1
                _sink(ahead, unnamed, waits - 1, ahead[waits], 0)
            if waits + staying + behind >= cap:
                room_at = ahead[0] if waits > 0 else begin
                shed += 1
                _come_back(k, now, attempt, dice, pauses, end, again_at, again, ends)
                continue
        if until[k] < begin:
            if until[k] < end:
                given_up += 1
                gone = max(now, until[k])
                _come_back(k, gone, attempt, dice, pauses, end, again_at, again, ends)
                _rise(ahead, unnamed, waits, gone, 0)
                waits += 1
                continue
        elif begin < end:
            done = begin + works[pace[r], origin[k]]
            start[k], slot[k], leave[k] = begin, r, done
            _sink(times, owners, busy, done, r)
            _rise(ahead, unnamed, waits, begin, 0)
            waits += 1
            if until[k] < done or errors[r] > 0:
                _finish(
                    k, done, errors[r], until, attempt, dice, pauses, end, again_at, again, ends
                )
            continue
        stays[staying] = k
        staying += 1
    later = ends[1]
    return (
        fits,
        (origin[:count], since[:count], until[:count], attempt[:count]),
        (start[:count], leave[:count], slot[:count]),
        (again[later:][::-1], again_at[later:][::-1]),
        stays[:staying],
        (came, shed, given_up, stayed, returned),
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
