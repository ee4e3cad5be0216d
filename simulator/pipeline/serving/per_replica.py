"""A queue of its own for every replica.

An attempt is sent to a replica when it arrives and waits there, whoever is idle elsewhere. Events
are processed in order of time, for a segment in which the laws are constant: a slot becomes free,
a client has waited too long, a batch has (which may be one request, see batching.py), an attempt
arrives. Events after the end of the segment are left to the laws of the next. An attempt that
finds the queue of its replica at its cap is shed, and so is one for which there is no replica.

At one instant departures come before clients that give up, then batches leave, and all of them
before arrivals.
"""

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from simulator.pipeline.serving.balancing import picker
from simulator.pipeline.serving.batching import Needs
from simulator.pipeline.serving.client_guard import ClientGuard
from simulator.pipeline.serving.kernel import INF, SENTINEL, KernelState, SegmentRules, endings
from simulator.pipeline.serving.laws import PerReplicaQueueing

DEPART, GIVE_UP, DUE = range(3)  # in the order in which they come at one instant
# ms, which of these, the replica or the attempt, and of a departure the number of requests
ReplicaEvent = tuple[float, int, int, int]


@dataclass
class ReplicaSlots:
    """The slots of the replicas, and the batches in them."""

    free: list[int]  # per replica; below 0 where slots have become fewer than are taken
    busy: list[tuple[float, int, int]]  # of each batch: departure, replica, number of requests
    needs: Needs
    # Batches begun in this segment: for each attempt the work and the feature read of its batch,
    # and for the first of a batch its size.
    begun: dict[int, tuple[float, float, int]] = field(default_factory=dict)


class ReplicaQueues:
    """The queues of one segment of time.

    Parameters
    ----------
    state : KernelState
        All attempts at the begin; changed in place. `slot` is the replica in whose queue a waiting
        attempt is; -1 if that was removed: the attempt is dealt out again.
    slots : ReplicaSlots
        Changed in place.
    rules : SegmentRules
        The cap is that of each queue.
    law : PerReplicaQueueing
    guard : ClientGuard, optional
    """

    def __init__(
        self,
        state: KernelState,
        slots: ReplicaSlots,
        rules: SegmentRules,
        law: PerReplicaQueueing,
        guard: ClientGuard | None = None,
    ) -> None:
        self.state, self.slots, self.rules = state, slots, rules
        self.batching, self.gpu = law.batching, law.gpu
        self.batch_max = law.batch_max or (law.batching.max_size,) * len(slots.free)
        self.sizes = [law.batching.sizes(most) for most in self.batch_max]
        self.endings = endings(state, rules, guard)
        self.queues: dict[int, deque[int]] = {r: deque() for r in rules.replicas}
        self.waiting = [0] * len(slots.free)  # in each queue, without clients that gave up
        self.due = [INF] * len(slots.free)  # when the oldest of each will have waited enough
        self.load = [0] * len(slots.free)  # requests inside, in service or waiting
        self.events: list[ReplicaEvent] = []
        for leave, r, size in slots.busy:
            self.load[r] += size
            if leave < rules.end:
                self.events.append((leave, DEPART, r, size))
        heapify(self.events)
        heappush(self.events, (INF, DEPART, -1, 0))  # so that there is always a next event
        self.gone: set[int] = set()

    def begin(self, at: float) -> list[int]:
        """Put waiting attempts into their queues; returns those that are dealt out again."""
        state, unassigned = self.state, list[int]()
        if self.gpu is not None:
            for r, leave, k in zip(state.slot, state.leave, state.origin, strict=True):
                if r >= 0 and leave >= at:  # not nan: it is in service
                    self.gpu.hold([self.slots.needs.work[k]], r, leave)
        for k in state.waiting:
            if state.slot[k] in self.queues:
                self._enqueue(k, state.slot[k], at)
            else:
                unassigned.append(k)
        for r in self.queues:
            self._dispatch(r, at)
        return unassigned

    def process_event(self) -> None:
        """Process the next event."""
        now, kind, which, size = heappop(self.events)
        if kind == GIVE_UP:
            if self.state.leave[which] == self.state.leave[which] or which in self.gone:
                return  # not nan: it has got a slot; or the accelerator had no memory for it
            self.gone.add(which)
            self.state.given_up += 1
            self.endings.fail(which, now)
            which, size = self.state.slot[which], 1
            self.waiting[which] -= 1
        elif kind == DEPART:
            self.slots.free[which] += 1
        self.load[which] -= size
        self._dispatch(which, now)

    def retry(self, k: int, now: float) -> int:
        """A client retries; returns the row of the further attempt."""
        state = self.state
        if state.slot[k] >= 0 or state.leave[k] == state.leave[k]:
            k = state.duplicate(k)  # it was sent somewhere, so the retry needs its own row
        state.since[k], state.until[k] = now, now + self.rules.timeout_ms
        state.attempt[k] += 1
        state.any_retried = True
        return k

    def send(self, k: int, r: int, now: float) -> None:
        """Send an attempt to a replica."""
        ahead, collects = self.waiting[r], self.batching.max_wait_ms > 0.0
        immediate = self.slots.free[r] > 0 and (not collects or ahead + 1 >= self.sizes[r][0])
        if ahead >= self.rules.queue_cap and not immediate:
            self.shed(k, now)
            return
        self._enqueue(k, r, now)
        self._dispatch(r, now)

    def shed(self, k: int, now: float) -> None:
        """Refuse an attempt."""
        self.state.shed += 1
        self.endings.fail(k, now)

    def end(self) -> None:
        """Leave the waiting attempts in the state, queue by queue."""
        queues = [self.queues[r] for r in sorted(self.queues)]
        self.state.waiting = [k for queue in queues for k in queue if k not in self.gone]

    def _enqueue(self, k: int, r: int, now: float) -> None:
        self.state.slot[k] = r
        self.queues[r].append(k)
        self.waiting[r] += 1
        self.load[r] += 1
        if self.state.until[k] < self.rules.end:  # patience may have been cut since
            heappush(self.events, (max(now, self.state.until[k]), GIVE_UP, k, 0))

    def _dispatch(self, r: int, now: float) -> None:
        """Give free slots to the batches that are ready."""
        queue, most, wait = self.queues[r], self.batch_max[r], self.batching.max_wait_ms
        while self.slots.free[r] > 0 and self.waiting[r]:
            while queue[0] in self.gone:
                queue.popleft()
            due = self.state.since[queue[0]] + wait
            size = self.batching.ready(self.waiting[r], self.sizes[r], most, now >= due)
            if not size:
                if due != self.due[r] and due < self.rules.end:
                    self.due[r] = due
                    heappush(self.events, (due, DUE, r, 0))
                return
            members = list[int]()
            while len(members) < size:
                k = queue.popleft()
                if k not in self.gone:
                    members.append(k)
            self.waiting[r] -= size
            self._start(members, r, now)

    def _start(self, members: list[int], r: int, now: float) -> None:
        """A batch takes a slot, if the accelerator has memory for it."""
        state, needs = self.state, self.slots.needs
        rows = [state.origin[k] for k in members]
        work, depend = needs.of(rows, self.batching.further)
        done = now + needs.ms(work, depend, r)
        gpu = self.gpu
        if gpu is not None and not gpu.allocate([needs.work[k] for k in rows], r, now, done):
            self.load[r] -= len(members)
            self.gone.update(members)
            state.failed += len(members)
            for k in members:
                self.endings.fail(k, now)
            return
        self.slots.free[r] -= 1
        if done < self.rules.end:
            heappush(self.events, (done, DEPART, r, len(members)))
        for k in members:
            state.start[k], state.leave[k] = now, done
            self.slots.begun[k] = work, depend, len(members) if k == members[0] else 0
            self.endings.finish(k, r, done)


def advance(
    state: KernelState,
    slots: ReplicaSlots,
    rules: SegmentRules,
    law: PerReplicaQueueing,
    at: float,
    first: int,
    guard: ClientGuard | None = None,
) -> int:
    """Move all queues from `at`, ms, to the end of the segment.

    `state` and `slots` are changed in place; attempts from row `first` on have not arrived yet.
    Returns how many attempts were dealt out again; each took a turn of the round robin.
    """
    queues = ReplicaQueues(state, slots, rules, law, guard)
    pick = picker(law.balancing, rules.replicas, state.dice, state.attempt, queues.load)
    since, retrying, events = state.since, state.retrying, queues.events
    replicas, last = len(rules.replicas), len(since)

    def send(k: int, now: float) -> None:
        if replicas:
            queues.send(k, pick(k), now)
        else:
            queues.shed(k, now)

    heappush(retrying, SENTINEL)
    unassigned = queues.begin(at)
    while events[0][0] <= at:
        queues.process_event()
    for k in unassigned:
        send(k, at)
    fresh = first  # the next attempt that is not a retry of this segment
    while True:
        coming = since[fresh] if fresh < last else rules.end
        is_retry = retrying[0][0] < coming  # some clients retry after the end
        arrival = retrying[0][0] if is_retry else coming
        if events[0][0] <= arrival:  # all of them are before the end
            queues.process_event()
            continue
        if is_retry:
            k = heappop(retrying)[1]
        elif fresh == last:
            break
        else:
            k = fresh
            fresh += 1
        if guard is not None and not guard.may_send(is_retry or state.attempt[k] > 1):
            state.retries_suppressed += 1
            continue
        if is_retry:
            k = queues.retry(k, arrival)
        if guard is not None and not guard.admits(arrival):
            state.breaker_rejected += 1
            queues.endings.retry(k, arrival)
            continue
        if rules.verdicts and queues.endings.stopped(k, arrival):
            continue
        state.arrived += 1
        send(k, arrival)
    queues.end()
    retrying.remove(SENTINEL)
    return len(unassigned)
