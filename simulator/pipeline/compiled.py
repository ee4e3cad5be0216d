"""`fcfs.advance`, compiled: the same steps over arrays, where the extra `compiled` is installed.

The plain one is the reference and needs no compiler; this one gives the same numbers to the
last bit, for clients without a budget or a breaker. Read that one first: what a step means is
said there.
"""

# What numba compiles has no types.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc, untyped-decorator"

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace

import numpy as np
from numba import njit

from simulator.pipeline.line import (
    GOLDEN,
    LUCK,
    NAN,
    NOBODY,
    Moved,
    Returned,
    Rules,
    dice_of,
)
from simulator.pipeline.traffic import ATTEMPT, ROW
from simulator.pipeline.visits import GONE, Placed, Visits

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
        When a slot gets free, ms, and whose it is.
    """
    count, taken = len(visits.rows), len(visits.leave)
    start, leave = np.full((2, count), NAN)
    start[:taken], leave[:taken] = visits.start, visits.leave
    slot = np.full(count, GONE)
    slot[:taken] = visits.slot
    speeds, pace = np.unique(visits.speed, return_inverse=True)
    asked, taken_up, again, (waiting, stayed, back), counts = (
        _advance(
            np.ascontiguousarray(visits.since), np.ascontiguousarray(visits.until),
            visits.read + visits.predict / speeds[:, None], pace,
            dice_of(visits.rows[:, ROW]), visits.rows[:, ATTEMPT].astype(np.int64),
            np.arange(count), start, leave, slot, np.array(free, np.int64),
            np.array([when for when, _ in busy], np.float64),
            np.array([whose for _, whose in busy], np.int64),
            taken, placed.first, 0 if visits.behind is None else len(visits.behind),
            placed.back_at, placed.back,
            np.array(rules.order, np.int64), np.array(rules.errors, np.float64),
            rules.cap, rules.timeout_ms,
            rules.backoff_ms * 2.0 ** (np.arange(rules.retries + 1) - 1.0), rules.end, at,
        )
    )  # fmt: skip
    start, leave, slot = taken_up
    rows, when = again
    came, shed, given_up = counts
    returned = Returned(*asked) if back else None
    return Moved(
        start, leave, slot, waiting, stayed, rows, when, returned, came, shed, given_up
    )  # fmt: skip


@njit(cache=True)
def _longer(column):
    """A column with room for as many again."""
    wider = np.empty(2 * len(column), column.dtype)
    wider[: len(column)] = column
    return wider


@njit(cache=True)
def _come_back(k, when, attempt, dice, pauses, end, retrying, later):
    n = attempt[k]
    if n < len(pauses):
        again = when + pauses[n] * (0.5 + (dice[k] + n * GOLDEN) % 1.0)
        if again < end:
            heappush(retrying, (again, k))
        else:
            later.append((again, k))


@njit(cache=True)
def _finish(k, done, share, until, attempt, dice, pauses, end, retrying, later):
    if until[k] < done:
        if until[k] < end:
            _come_back(k, until[k], attempt, dice, pauses, end, retrying, later)
    elif done < end and dice[k] % 1.0 * _LUCK[attempt[k] % 32] % 1.0 < share:
        _come_back(k, done, attempt, dice, pauses, end, retrying, later)


@njit(cache=True)
def _advance(
    since, until, works, pace, dice, attempt, origin, start, leave, slot,
    free, busy_at, busy_of, first_waiting, first, behind, back_at, back,
    order, errors, cap, patience, pauses, end, at,
):  # fmt: skip
    """Move a line from `at` to the end of the stretch; see `fcfs.advance`.

    `works` has a row for each speed, `pace` says which is a replica's; those who wait are the
    rows from `first_waiting` to `first`, of which there are `len(since)` in all. Columns that
    are given are not written to.
    """
    last = count = len(since)
    since, until, dice = since.copy(), until.copy(), dice.copy()
    attempt, origin, works = attempt.copy(), origin.copy(), works.copy()
    start, leave, slot, free = start.copy(), leave.copy(), slot.copy(), free.copy()
    busy = [(busy_at[k], busy_of[k]) for k in range(len(busy_at))]
    busy.append(NOBODY)
    heapify(busy)
    retrying = [(back_at[k], back[k]) for k in range(len(back_at))]
    retrying.append(NOBODY)
    heapify(retrying)
    later = [NOBODY]
    later.pop()
    ahead = [0.0]
    ahead.pop()
    stays = [0]
    stays.pop()
    replicas = len(order)
    idle = 0
    for r in order:
        idle += max(free[r], 0)
    came = shed = given_up = 0
    room_at = at
    returned = False

    stayed = -1
    waiting = first_waiting  # the next of those who waited before
    fresh = first  # the next attempt that comes of itself and not out of `retrying`
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
                stayed = len(stays)
            coming = since[fresh] if fresh < last else end
            if retrying[0][0] < coming:
                now, k = heappop(retrying)
                if leave[k] == leave[k]:
                    if count == len(since):
                        since, until, dice = _longer(since), _longer(until), _longer(dice)
                        attempt, origin = _longer(attempt), _longer(origin)
                        start, leave, slot = _longer(start), _longer(leave), _longer(slot)
                        wider = np.empty((len(works), len(since)))
                        wider[:, :count] = works
                        works = wider
                    dice[count], attempt[count], origin[count] = dice[k], attempt[k], origin[k]
                    works[:, count] = works[:, k]
                    start[count] = leave[count] = NAN
                    slot[count] = -1
                    k = count
                    count += 1
                since[k], until[k] = now, now + patience
                attempt[k] += 1
                returned = True
            elif fresh < last:
                k, now = fresh, coming
                fresh += 1
            else:
                break
            new = True
            came += 1
            if now < room_at:
                shed += 1
                _come_back(k, now, attempt, dice, pauses, end, retrying, later)
                continue
            while busy[0][0] <= now:
                r = heappop(busy)[1]
                free[r] += 1
                idle += 1
            placed = idle > 0
            if placed:
                turn = came - 1
                r = order[turn % replicas]
                while free[r] <= 0:
                    turn += 1
                    r = order[turn % replicas]
        if placed:
            idle -= 1
            free[r] -= 1
            done = now + works[pace[r], k]
            start[k], slot[k], leave[k] = now, r, done
            heappush(busy, (done, r))
            _finish(k, done, errors[r], until, attempt, dice, pauses, end, retrying, later)
            continue
        begin, r = busy[0]
        if new and len(ahead) + len(stays) + behind >= cap:
            while len(ahead) > 0 and ahead[0] <= now:
                heappop(ahead)
            if len(ahead) + len(stays) + behind >= cap:
                room_at = ahead[0] if len(ahead) > 0 else begin
                shed += 1
                _come_back(k, now, attempt, dice, pauses, end, retrying, later)
                continue
        if until[k] < begin:
            if until[k] < end:
                given_up += 1
                gone = max(now, until[k])
                _come_back(k, gone, attempt, dice, pauses, end, retrying, later)
                heappush(ahead, gone)
                continue
        elif begin < end:
            done = begin + works[pace[r], k]
            start[k], slot[k], leave[k] = begin, r, done
            heapreplace(busy, (done, r))
            heappush(ahead, begin)
            _finish(k, done, errors[r], until, attempt, dice, pauses, end, retrying, later)
            continue
        stays.append(k)
    again = [one for one in retrying if one[1] >= 0] + later
    return (
        (origin[:count], since[:count], until[:count], attempt[:count]),
        (start[:count], leave[:count], slot[:count]),
        (
            np.array([who for _, who in again], np.int64),
            np.array([when for when, _ in again], np.float64),
        ),
        (np.array(stays, np.int64), stayed, returned),
        (came, shed, given_up),
    )


def _ready() -> None:
    """Compile now, or read what was compiled before: not in the middle of a run."""
    none, whole = np.empty(0), np.empty(0, np.int64)
    nobody, slots = np.empty((1, 0)), np.zeros(1, np.int64)
    _advance(
        none, none, nobody, slots, none, whole, whole, none, none, whole,
        slots, none, whole, 0, 0, 0, none, whole,
        slots, np.zeros(1), 0, 0.0, np.zeros(1), 0.0, 0.0,
    )  # fmt: skip


_ready()
