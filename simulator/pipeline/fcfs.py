"""First come, first served: one line of waiting requests before several servers.

The recursion of Kiefer and Wolfowitz over a heap of the times at which slots get free, for
a stretch of time in which the laws stand still. A slot takes the head of the line, a line
at its cap sheds, a client whose patience ends while it waits goes without ever taking a
slot, and one whose patience ends in service goes while the server still finishes its
request. Clients that got no answer come back after a back-off, in the same stretch if it
is short enough.

At one instant departures come before clients that give up, and those before arrivals.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.pipeline.world import Floats

NAN = float("nan")
INF = float("inf")

LOW_DIGITS = 2.0**20  # the digits of a uniform behind these choose no row of a pool
GOLDEN = 0.6180339887498949  # its multiples modulo 1 are far apart: one jitter an attempt


@dataclass
class Rules:
    """What a line keeps to during one stretch of time."""

    order: list[int]  # ready replicas, beginning with the one whose turn it is
    speed: list[float]  # per replica
    cap: int  # requests that may wait
    timeout_ms: float  # patience of a new attempt
    retries: int
    backoff_ms: float
    end: float  # ms at which the stretch ends; what happens then belongs to the next


@dataclass
class Line:
    """Attempts as columns, and where each of them stands.

    `start` and `leave` are nan until a slot takes the attempt. A further attempt takes the
    place of the one before it, or one at the end of the columns if a slot had taken that;
    `origin` says which row asks again.
    """

    since: list[float]
    until: list[float]
    predict: list[float]  # ms of the model's work at speed 1
    read: list[float]  # ms of the feature read
    row: list[float]  # uniform of the request, whose low digits are the jitter
    attempt: list[float]
    origin: list[int]
    start: list[float]
    leave: list[float]
    slot: list[int]
    free: list[int]  # slots free per replica
    waiting: deque[int]
    retrying: list[tuple[float, int]]  # heap: when an attempt is followed by the next
    shed: int = 0
    given_up: int = 0  # by clients that waited
    came: int = 0  # attempts that arrived

    def double(self, k: int) -> int:
        """Another place for the same request, at the end of the columns."""
        for column in (self.since, self.until, self.predict, self.read, self.row, self.attempt):
            column.append(column[k])
        self.origin.append(self.origin[k])
        self.start.append(NAN)
        self.leave.append(NAN)
        self.slot.append(-1)
        return len(self.since) - 1


def backoff(base_ms: float, attempt: Floats, row: Floats) -> Floats:
    """How long clients wait before they ask again: doubling, with half to one and a half jitter.

    The jitter is the request's own, from the low digits of its `ROW`.

    Examples
    --------
    >>> import numpy as np
    >>> backoff(100.0, np.array([1.0, 2.0, 3.0]), np.full(3, 0.25)).round(1).tolist()
    [111.8, 147.2, 541.6]
    """
    jitter: Floats = (row * LOW_DIGITS + attempt * GOLDEN) % 1.0
    return base_ms * 2.0 ** (attempt - 1.0) * (0.5 + jitter)


def advance(line: Line, rules: Rules, at: float, first: int) -> None:
    """Move a line from `at` to the end of the stretch.

    Parameters
    ----------
    line : Line
        As it stands at `at`; changed in place.
    rules : Rules
    at : float, ms
    first : int
        The first attempt that has not arrived yet; the rest of the columns arrive after it.
    """
    # Bound to locals: an attribute look-up costs as much as the arithmetic.
    since, until, predict, read = line.since, line.until, line.predict, line.read
    start, leave, slot, free = line.start, line.leave, line.slot, line.free
    waiting, retrying, attempt, row = line.waiting, line.retrying, line.attempt, line.row
    order, speed, cap, end = rules.order, rules.speed, rules.cap, rules.end
    replicas, retries, base = len(order), rules.retries, rules.backoff_ms
    last = len(since)
    came = shed = given_up = 0
    idle = sum(free[r] for r in order if free[r] > 0)
    busy = [(leave[k], k) for k in range(first) if leave[k] >= at]
    busy.append((INF, -1))  # so that there is always a next departure
    heapify(busy)

    def lose(k: int, when: float) -> None:
        n = attempt[k]
        if n <= retries:
            jitter = (row[k] * LOW_DIGITS + n * GOLDEN) % 1.0
            heappush(retrying, (when + base * 2.0 ** (n - 1.0) * (0.5 + jitter), k))

    while waiting and idle > 0:  # replicas have come since these began to wait
        k = waiting.popleft()
        if until[k] < at:
            given_up += 1
            lose(k, at)
            continue
        r = max(order, key=free.__getitem__)
        free[r] -= 1
        idle -= 1
        start[k], slot[k] = at, r
        leave[k] = done = at + (read[k] + predict[k] / speed[r])
        heappush(busy, (done, k))
        if until[k] < done and until[k] < end:
            lose(k, until[k])

    fresh = first  # the next attempt that comes of itself and not out of `retrying`
    while True:
        arrival = since[fresh] if fresh < last else end
        if retrying and retrying[0][0] < arrival:
            arrival = retrying[0][0]
        while True:  # what happens before the next attempt arrives
            departure, k = busy[0]
            if waiting:
                gone = until[waiting[0]]
                if gone < departure and gone <= arrival and gone < end:
                    given_up += 1
                    # `at` is later only if patience was cut while others waited
                    lose(waiting.popleft(), gone if gone > at else at)
                    if retrying and retrying[0][0] < arrival:
                        arrival = retrying[0][0]
                    continue
            if departure > arrival or departure >= end:
                break
            at = departure
            r = slot[k]
            if r < 0:  # its pod was taken away
                heappop(busy)
            elif waiting and free[r] == 0:
                k = waiting.popleft()
                start[k], slot[k] = at, r
                leave[k] = done = at + (read[k] + predict[k] / speed[r])
                heapreplace(busy, (done, k))
                if until[k] < done and until[k] < end:
                    lose(k, until[k])
                    if retrying and retrying[0][0] < arrival:
                        arrival = retrying[0][0]
            else:
                heappop(busy)
                free[r] += 1
                if free[r] > 0:
                    idle += 1
        if arrival >= end:
            break
        at = arrival
        if fresh < last and since[fresh] == arrival:
            k = fresh
            fresh += 1
        else:
            k = heappop(retrying)[1]
            if leave[k] == leave[k]:  # not nan: a slot has it, so it needs a place of its own
                k = line.double(k)
            since[k], until[k] = at, at + rules.timeout_ms
            attempt[k] += 1
        if idle > 0:
            idle -= 1
            turn = came % replicas
            r = order[turn]
            while free[r] <= 0:  # a full replica passes the request on to the next
                turn += 1
                r = order[turn % replicas]
            free[r] -= 1
            start[k], slot[k] = at, r
            leave[k] = done = at + (read[k] + predict[k] / speed[r])
            heappush(busy, (done, k))
            if until[k] < done and until[k] < end:
                lose(k, until[k])
        elif len(waiting) < cap:
            waiting.append(k)
        else:
            shed += 1
            lose(k, arrival)
        came += 1
    line.came += came
    line.shed += shed
    line.given_up += given_up
