"""First come, first served: one queue of requests before several servers.

The recursion of Kiefer and Wolfowitz over a heap of the times at which slots become free, for a
segment of time in which the laws are constant. When an attempt arrives, every attempt before it
has a slot already, so its own start is known at once: now, or when the next slot becomes free.
An attempt whose start would lie beyond its client's patience never takes a slot, one whose
patience ends in service leaves while the server still finishes its request, and a queue at its
cap sheds. Clients without an answer retry after a back-off, in the same segment if it is short
enough. An attempt that would start after the segment stays in the queue, for the laws of the next.

At one instant departures come before clients that give up, and those before arrivals.
"""

from heapq import heappop, heappush, heapreplace

from simulator.pipeline.serving.client_guard import ClientGuard
from simulator.pipeline.serving.kernel import SENTINEL, KernelState, SegmentRules, endings


def advance(
    state: KernelState, rules: SegmentRules, at: float, first: int, guard: ClientGuard | None = None
) -> None:
    """Move the queue from `at`, ms, to the end of the segment.

    The state is changed in place; attempts from row `first` on have not arrived yet.
    """
    # Bound to locals: an attribute look-up costs as much as the arithmetic.
    since, until, works = state.since, state.until, state.works
    start, leave, slot, free = state.start, state.leave, state.slot, state.free
    busy, retrying, attempt, order = state.busy, state.retrying, state.attempt, rules.replicas
    cap, end, patience = rules.queue_cap, rules.end, rules.timeout_ms
    replicas, last = len(order), len(since)
    arrived = shed = given_up = 0
    idle = sum(free[r] for r in order if free[r] > 0)
    waiting, stays = state.waiting, list[int]()
    state.waiting = stays
    leaving: list[float] = []  # heap: when attempts leave the queue that do so before the end
    tail = state.queue_tail
    full_until = at  # before that the queue is full for certain
    careful = guard is not None or any(rules.error_share)

    retry, fail, finish, stopped = endings(state, rules, guard)
    gated = bool(rules.verdicts)

    def wait(k: int, now: float) -> None:
        """An attempt finds all slots taken; one becomes free in time, or none does."""
        nonlocal given_up
        begin, r = busy[0]
        if until[k] < begin:
            if until[k] < end:
                given_up += 1
                gone = max(now, until[k])  # patience may have been cut since
                fail(k, gone)
                heappush(leaving, gone)
                return
        elif begin < end:
            start[k], slot[k] = begin, r
            leave[k] = done = begin + works[r][k]
            heapreplace(busy, (done, r))
            heappush(leaving, begin)
            if careful or until[k] < done:
                finish(k, r, done)
            return
        stays.append(k)

    heappush(retrying, SENTINEL)
    for k in waiting:
        if idle > 0 and until[k] >= at:  # replicas were added since it began to wait
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

    state.stayed = len(stays)
    fresh = first  # the next attempt that is not a retry of this segment
    coming = since[fresh] if fresh < last else end
    while True:
        if retrying[0][0] < coming:
            arrival, k = heappop(retrying)
            if guard is not None and not guard.can_retry():
                state.retries_suppressed += 1
                continue
            if leave[k] == leave[k]:  # not nan: it has a slot, so the retry needs its own row
                k = state.duplicate(k)
            since[k], until[k] = arrival, arrival + patience
            attempt[k] += 1
            state.any_retried = True
        elif fresh < last:
            arrival, k = coming, fresh
            fresh += 1
            coming = since[fresh] if fresh < last else end
            if guard is not None:
                if attempt[k] == 1:
                    guard.deposit()
                elif not guard.can_retry():
                    state.retries_suppressed += 1
                    continue
        else:
            break
        if guard is not None and not guard.admits(arrival):
            state.breaker_rejected += 1
            retry(k, arrival)
            continue
        if gated and stopped(k, arrival):
            continue
        if arrival < full_until:
            arrived += 1
            shed += 1
            fail(k, arrival)
            continue
        begin, r = busy[0]
        while begin <= arrival:
            heappop(busy)
            free[r] += 1
            idle += 1
            begin, r = busy[0]
        if idle > 0:
            idle -= 1
            turn = arrived % replicas
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
        elif len(leaving) + len(stays) + tail < cap:
            if begin < end and until[k] >= begin:  # as `wait` does, in its commonest case
                start[k], slot[k] = begin, r
                leave[k] = done = begin + works[r][k]
                heapreplace(busy, (done, r))
                heappush(leaving, begin)
                if careful or until[k] < done:
                    finish(k, r, done)
            else:
                wait(k, arrival)
        else:
            while leaving and leaving[0] <= arrival:
                heappop(leaving)
            if len(leaving) + len(stays) + tail < cap:
                wait(k, arrival)
            else:
                full_until = leaving[0] if leaving else begin
                shed += 1
                fail(k, arrival)
        arrived += 1
    retrying.remove(SENTINEL)
    state.arrived += arrived
    state.shed += shed
    state.given_up += given_up
