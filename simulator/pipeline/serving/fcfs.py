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

from heapq import heappop, heappush, heapreplace

from simulator.pipeline.serving.client_guard import Watch
from simulator.pipeline.serving.kernel import NOBODY, Line, Rules, endings


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
    busy, retrying, attempt, order = line.busy, line.retrying, line.attempt, rules.order
    cap, end, patience = rules.cap, rules.end, rules.timeout_ms
    replicas, last = len(order), len(since)
    came = shed = given_up = 0
    idle = sum(free[r] for r in order if free[r] > 0)
    waiting, stays = line.waiting, list[int]()
    line.waiting = stays
    ahead: list[float] = []  # heap: when those cease to wait who do so before the end
    behind = line.behind
    room_at = at  # until then the line is full for sure
    careful = guard is not None or any(rules.errors)

    come_back, lose, finish = endings(line, rules, guard)

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
