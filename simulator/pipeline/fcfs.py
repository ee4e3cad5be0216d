"""First come, first served: one line of waiting requests before several servers.

The recursion of Kiefer and Wolfowitz over a heap of the times at which slots get free, for
a stretch of time in which the laws stand still. When an attempt arrives, everybody before
it has a slot already, so that its own start is known at once: now, or when the next slot
gets free. One whose start would lie beyond its client's patience never takes a slot, one
whose patience ends in service goes while the server still finishes its request, and a line
at its cap sheds. Clients that got no answer come back after a back-off, in the same stretch
if it is short enough. What would start after the end of the stretch stays in the line, for
the laws of the next.

At one instant departures come before clients that give up, and those before arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.pipeline.guard import Watch
    from simulator.pipeline.world import Floats

NAN = float("nan")
INF = float("inf")
NOBODY = (INF, -1)  # at the end of every heap, so that there is always a next one

LOW_DIGITS = 2.0**20  # the digits of a uniform behind these choose no row of a pool
GOLDEN = 0.6180339887498949  # its multiples modulo 1 are far apart: one jitter an attempt
# A request's dice times each of these, modulo 1, are independent in effect: a luck for each
# attempt. No sum of few of them with whole factors is near 0, as it would be if they were
# multiples of one number; then a third attempt would follow from the first two.
LUCK = tuple(1e6 * 1.3591409142295225**n for n in range(32))


@dataclass
class Rules:
    """What a line keeps to during one stretch of time."""

    order: list[int]  # ready replicas, beginning with the one whose turn it is
    errors: list[float]  # share of its answers that are errors, per replica
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
    works: list[list[float]]  # ms that a replica needs; equally fast ones share their list
    dice: list[float]  # the request's own, behind jitter and errors (see `dice_of`)
    attempt: list[int]
    origin: list[int]
    start: list[float]
    leave: list[float]
    slot: list[int]
    free: list[int]  # slots free per replica
    busy: list[tuple[float, int]]  # heap: when a slot gets free, and whose it is
    waiting: list[int]
    behind: int  # how many more wait after these, for whom there is no slot in this stretch
    retrying: list[tuple[float, int]]  # heap: when an attempt is followed by the next
    stayed: int = 0  # of those who wait at the end, how many waited before it
    later: list[tuple[float, int]] = field(default_factory=list)  # after the end
    shed: int = 0
    given_up: int = 0  # by clients that waited
    came: int = 0  # attempts that reached the server
    kept_away: int = 0  # attempts that the breaker answered
    spared: int = 0  # attempts that the budget did not allow
    returned: bool = False  # whether anybody came back in this very stretch

    def double(self, k: int) -> int:
        """Another place for the same request, at the end of the columns."""
        for column in self._columns:
            column.append(column[k])
        self.start.append(NAN)
        self.leave.append(NAN)
        self.slot.append(-1)
        return len(self.since) - 1

    @cached_property
    def _columns(self) -> list[list[Any]]:
        """What a request takes along."""
        works = {id(work): work for work in self.works}.values()
        return [self.since, self.until, self.dice, self.attempt, self.origin, *works]


def dice_of(row: Floats) -> Floats:
    """The dice of requests behind what is not worth a column: the low digits of their `ROW`."""
    return row * LOW_DIGITS


def backoff(base_ms: float, attempt: Floats, row: Floats) -> Floats:
    """How long clients wait before they ask again: doubling, with half to one and a half jitter.

    The jitter is the request's own.

    Examples
    --------
    >>> import numpy as np
    >>> backoff(100.0, np.array([1.0, 2.0, 3.0]), np.full(3, 0.25)).round(1).tolist()
    [111.8, 147.2, 541.6]
    """
    jitter: Floats = (dice_of(row) + attempt * GOLDEN) % 1.0
    return base_ms * 2.0 ** (attempt - 1.0) * (0.5 + jitter)


def errs(dice: Any, luck: Any, share: Any) -> Any:
    """Whether the answer to an attempt (with its `LUCK`) is an error, as such a share are.

    Each attempt has its own luck, whatever the share: who meets an error at 1 % meets one at
    2 % too. For numbers and for arrays alike.

    Examples
    --------
    >>> [errs(0.3, luck, 0.5) for luck in LUCK[1:5]]
    [True, True, False, True]
    """
    return dice % 1.0 * luck % 1.0 < share


def advance(line: Line, rules: Rules, at: float, first: int, guard: Watch | None = None) -> None:
    """Move a line from `at` to the end of the stretch.

    Parameters
    ----------
    line : Line
        As it stands at `at`; changed in place.
    rules : Rules
    at : float, ms
    first : int
        The first attempt that has not arrived yet; the rest of the columns arrive after it.
    guard : Watch, optional
        What clients hold back of themselves, where they do.
    """
    # Bound to locals: an attribute look-up costs as much as the arithmetic.
    since, until, works = line.since, line.until, line.works
    start, leave, slot, free = line.start, line.leave, line.slot, line.free
    busy, retrying, later = line.busy, line.retrying, line.later
    attempt, dice, order, errors = line.attempt, line.dice, rules.order, rules.errors
    cap, end, retries, patience = rules.cap, rules.end, rules.retries, rules.timeout_ms
    pauses = [rules.backoff_ms * 2.0 ** (n - 1.0) for n in range(retries + 1)]
    replicas, last = len(order), len(since)
    came = shed = given_up = 0
    idle = sum(free[r] for r in order if free[r] > 0)
    waiting, stays = line.waiting, list[int]()
    line.waiting = stays
    ahead: list[float] = []  # heap: when those cease to wait who do so before the end
    behind = line.behind
    room_at = at  # until then the line is full for sure
    careful = guard is not None or any(errors)

    def come_back(k: int, when: float) -> None:
        """A client that got no answer asks again, if it has not done so too often."""
        n = attempt[k]
        if n <= retries:
            again = when + pauses[n] * (0.5 + (dice[k] + n * GOLDEN) % 1.0)
            if again < end:
                heappush(retrying, (again, k))
            else:
                later.append((again, k))

    def tell(k: int, when: float) -> None:
        """The same, and the breaker hears of it."""
        assert guard is not None
        guard.hear(when, since[k], False)
        come_back(k, when)

    lose = come_back if guard is None else tell

    def finish(k: int, r: int, done: float) -> None:
        """What comes of an attempt that a slot has taken, as far as it comes before the end."""
        if until[k] < done:
            if until[k] < end:
                lose(k, until[k])
        elif done < end:
            if errs(dice[k], LUCK[attempt[k] % 32], errors[r]):
                lose(k, done)
            elif guard is not None:
                guard.hear(done, since[k], True)

    def wait(k: int, now: float) -> None:
        """An attempt finds all slots taken, and either one in time, or none."""
        nonlocal given_up
        begin, r = busy[0]
        if until[k] < begin:
            if until[k] < end:
                given_up += 1
                gone = max(now, until[k])  # patience may have been cut since
                lose(k, gone)
                heappush(ahead, gone)
                return
        elif begin < end:
            start[k], slot[k] = begin, r
            leave[k] = done = begin + works[r][k]
            heapreplace(busy, (done, r))
            heappush(ahead, begin)
            if careful or until[k] < done:
                finish(k, r, done)
            return
        stays.append(k)

    heappush(retrying, NOBODY)
    for k in waiting:
        if idle > 0 and until[k] >= at:  # replicas have come since it began to wait
            r = max(order, key=free.__getitem__)
            free[r] -= 1
            idle -= 1
            start[k], slot[k] = at, r
            leave[k] = done = at + works[r][k]
            heappush(busy, (done, r))
            if careful or until[k] < done:
                finish(k, r, done)
        else:
            wait(k, at)

    line.stayed = len(stays)
    fresh = first  # the next attempt that comes of itself and not out of `retrying`
    coming = since[fresh] if fresh < last else end
    while True:
        if retrying[0][0] < coming:
            arrival, k = heappop(retrying)
            if guard is not None and not guard.affords():
                line.spared += 1
                continue
            if leave[k] == leave[k]:  # not nan: a slot has it, so it needs a place of its own
                k = line.double(k)
            since[k], until[k] = arrival, arrival + patience
            attempt[k] += 1
            line.returned = True
        elif fresh < last:
            arrival, k = coming, fresh
            fresh += 1
            coming = since[fresh] if fresh < last else end
            if guard is not None:
                if attempt[k] == 1:
                    guard.earn()
                elif not guard.affords():
                    line.spared += 1
                    continue
        else:
            break
        if guard is not None and not guard.admits(arrival):
            line.kept_away += 1
            come_back(k, arrival)
            continue
        if arrival < room_at:
            came += 1
            shed += 1
            lose(k, arrival)
            continue
        begin, r = busy[0]
        while begin <= arrival:
            heappop(busy)
            free[r] += 1
            idle += 1
            begin, r = busy[0]
        if idle > 0:
            idle -= 1
            turn = came % replicas
            r = order[turn]
            while free[r] <= 0:  # a full replica passes the request on to the next
                turn += 1
                r = order[turn % replicas]
            free[r] -= 1
            start[k], slot[k] = arrival, r
            leave[k] = done = arrival + works[r][k]
            heappush(busy, (done, r))
            if careful or until[k] < done:
                finish(k, r, done)
        elif len(ahead) + len(stays) + behind < cap:
            if begin < end and until[k] >= begin:  # as `wait` does: the commonest of its cases
                start[k], slot[k] = begin, r
                leave[k] = done = begin + works[r][k]
                heapreplace(busy, (done, r))
                heappush(ahead, begin)
                if careful or until[k] < done:
                    finish(k, r, done)
            else:
                wait(k, arrival)
        else:
            while ahead and ahead[0] <= arrival:
                heappop(ahead)
            if len(ahead) + len(stays) + behind < cap:
                wait(k, arrival)
            else:
                room_at = ahead[0] if ahead else begin
                shed += 1
                lose(k, arrival)
        came += 1
    retrying.remove(NOBODY)
    line.came += came
    line.shed += shed
    line.given_up += given_up
