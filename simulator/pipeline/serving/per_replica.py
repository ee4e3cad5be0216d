"""Lanes: a line of its own before every replica.

An attempt is sent to a replica when it arrives, and waits there, whoever is idle elsewhere.
What happens is taken one by one in the order of time, for a stretch in which the laws stand
still: a slot gets free, a client has waited too long, a batch has (which may be one request,
see batching.py), an attempt arrives. What would happen after the end of the stretch is left
to the laws of the next. An attempt that finds the line of its replica at its cap is shed, and
so is one for which there is no replica.

At one instant departures come before clients that give up, then batches leave, and all of
them before arrivals.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from simulator.pipeline.serving.balancing import picker
from simulator.pipeline.serving.batching import Needs
from simulator.pipeline.serving.client_guard import Watch
from simulator.pipeline.serving.kernel import INF, NOBODY, Line, Rules, endings
from simulator.pipeline.serving.laws import LaneLaw

DEPART, GIVE_UP, DUE = range(3)  # in the order in which they come at one instant
# ms, which of these, the replica or the attempt, and of a departure how many requests go
Event = tuple[float, int, int, int]


@dataclass
class Slots:
    """What replicas serve, and so cannot give to others."""

    free: list[int]  # slots; below 0 where they have become fewer than are taken
    busy: list[tuple[float, int, int]]  # when each batch leaves, where, how many requests
    needs: Needs
    # What has begun in this stretch: of each attempt the work and the feature read of its
    # batch, and for the first of a batch its size.
    begun: dict[int, tuple[float, float, int]] = field(default_factory=dict)


class Lanes:
    """The lines of one stretch of time.

    Parameters
    ----------
    line : Line
        All attempts, as they stand at the begin; changed in place. `slot` says in whose line
        those wait that wait; -1 for one that was taken away, which hands them out again.
    slots : Slots
        Changed in place.
    rules : Rules
        The cap is that of each line.
    law : LaneLaw
    guard : Watch, optional
    """

    def __init__(
        self,
        line: Line,
        slots: Slots,
        rules: Rules,
        law: LaneLaw,
        guard: Watch | None = None,
    ) -> None:
        self.line, self.slots, self.rules = line, slots, rules
        self.batching, self.room = law.batching, law.room
        self.most = law.most or (law.batching.max_size,) * len(slots.free)
        self.sizes = [law.batching.sizes(most) for most in self.most]
        self.endings = endings(line, rules, guard)
        self.lanes: dict[int, deque[int]] = {r: deque() for r in rules.order}
        self.length = [0] * len(slots.free)  # of them, those that have not given up
        self.due = [INF] * len(slots.free)  # when the oldest of each will have waited enough
        self.load = [0] * len(slots.free)  # requests inside, in service or waiting
        self.events: list[Event] = []
        for leave, r, size in slots.busy:
            self.load[r] += size
            if leave < rules.end:
                self.events.append((leave, DEPART, r, size))
        heapify(self.events)
        heappush(self.events, (INF, DEPART, -1, 0))  # so that there is always a next one
        self.gone: set[int] = set()

    def open(self, at: float) -> list[int]:
        """Those who wait find their places; what is returned has to be handed out again."""
        line, homeless = self.line, list[int]()
        if self.room is not None:
            for r, leave, k in zip(line.slot, line.leave, line.origin, strict=True):
                if r >= 0 and leave >= at:  # not nan: it is in service
                    self.room.hold([self.slots.needs.work[k]], r, leave)
        for k in line.waiting:
            if line.slot[k] in self.lanes:
                self._queue(k, line.slot[k], at)
            else:
                homeless.append(k)
        for r in self.lanes:
            self._serve(r, at)
        return homeless

    def happen(self) -> None:
        """The next event."""
        now, kind, which, size = heappop(self.events)
        if kind == GIVE_UP:
            if self.line.leave[which] == self.line.leave[which] or which in self.gone:
                return  # not nan: a slot has it by now; or there was no room for it
            self.gone.add(which)
            self.line.given_up += 1
            self.endings.lose(which, now)
            which, size = self.line.slot[which], 1
            self.length[which] -= 1
        elif kind == DEPART:
            self.slots.free[which] += 1
        self.load[which] -= size
        self._serve(which, now)

    def again(self, k: int, now: float) -> int:
        """A client asks again; where its further attempt stands."""
        line = self.line
        if line.slot[k] >= 0 or line.leave[k] == line.leave[k]:
            k = line.double(k)  # it was sent somewhere, so this one needs a place of its own
        line.since[k], line.until[k] = now, now + self.rules.timeout_ms
        line.attempt[k] += 1
        line.returned = True
        return k

    def join(self, k: int, r: int, now: float) -> None:
        """An attempt is sent to a replica."""
        ahead, collects = self.length[r], self.batching.max_wait_ms > 0.0
        at_once = self.slots.free[r] > 0 and (not collects or ahead + 1 >= self.sizes[r][0])
        if ahead >= self.rules.cap and not at_once:
            self.shed(k, now)
            return
        self._queue(k, r, now)
        self._serve(r, now)

    def shed(self, k: int, now: float) -> None:
        """An attempt is turned away."""
        self.line.shed += 1
        self.endings.lose(k, now)

    def close(self) -> None:
        """Those who wait at the end, each line as it stands, by replica."""
        lanes = [self.lanes[r] for r in sorted(self.lanes)]
        self.line.waiting = [k for lane in lanes for k in lane if k not in self.gone]

    def _queue(self, k: int, r: int, now: float) -> None:
        self.line.slot[k] = r
        self.lanes[r].append(k)
        self.length[r] += 1
        self.load[r] += 1
        if self.line.until[k] < self.rules.end:  # patience may have been cut since
            heappush(self.events, (max(now, self.line.until[k]), GIVE_UP, k, 0))

    def _serve(self, r: int, now: float) -> None:
        """Free slots take the batches that are ready."""
        lane, most, wait = self.lanes[r], self.most[r], self.batching.max_wait_ms
        while self.slots.free[r] > 0 and self.length[r]:
            while lane[0] in self.gone:
                lane.popleft()
            due = self.line.since[lane[0]] + wait
            size = self.batching.ready(self.length[r], self.sizes[r], most, now >= due)
            if not size:
                if due != self.due[r] and due < self.rules.end:
                    self.due[r] = due
                    heappush(self.events, (due, DUE, r, 0))
                return
            members = list[int]()
            while len(members) < size:
                k = lane.popleft()
                if k not in self.gone:
                    members.append(k)
            self.length[r] -= size
            self._begin(members, r, now)

    def _begin(self, members: list[int], r: int, now: float) -> None:
        """A batch takes a slot, if the accelerator has room for it."""
        line, needs = self.line, self.slots.needs
        rows = [line.origin[k] for k in members]
        work, depend = needs.of(rows, self.batching.further)
        done = now + needs.ms(work, depend, r)
        room = self.room
        if room is not None and not room.takes([needs.work[k] for k in rows], r, now, done):
            self.load[r] -= len(members)
            self.gone.update(members)
            line.failed += len(members)
            for k in members:
                self.endings.lose(k, now)
            return
        self.slots.free[r] -= 1
        if done < self.rules.end:
            heappush(self.events, (done, DEPART, r, len(members)))
        for k in members:
            line.start[k], line.leave[k] = now, done
            self.slots.begun[k] = work, depend, len(members) if k == members[0] else 0
            self.endings.finish(k, r, done)


def advance(
    line: Line,
    slots: Slots,
    rules: Rules,
    law: LaneLaw,
    at: float,
    first: int,
    guard: Watch | None = None,
) -> int:
    """Move all lines from `at` to the end of the stretch.

    Parameters
    ----------
    line : Line
        As it stands at `at`; changed in place.
    slots : Slots
        The same.
    rules : Rules
    law : LaneLaw
    at : float, ms
    first : int
        The first attempt that has not arrived yet; the rest of the columns arrive after it.
    guard : Watch, optional
        What clients hold back of themselves, where they do.

    Returns
    -------
    int
        How many were handed out again, each of which took a turn.
    """
    lanes = Lanes(line, slots, rules, law, guard)
    pick = picker(law.balancing, rules.order, line.dice, line.attempt, lanes.load)
    since, retrying, events = line.since, line.retrying, lanes.events
    replicas, last = len(rules.order), len(since)

    def send(k: int, now: float) -> None:
        if replicas:
            lanes.join(k, pick(k), now)
        else:
            lanes.shed(k, now)

    heappush(retrying, NOBODY)
    homeless = lanes.open(at)
    while events[0][0] <= at:
        lanes.happen()
    for k in homeless:
        send(k, at)
    fresh = first  # the next attempt that comes of itself and not out of `retrying`
    while True:
        coming = since[fresh] if fresh < last else rules.end
        again = retrying[0][0] < coming  # some come back after the end
        arrival = retrying[0][0] if again else coming
        if events[0][0] <= arrival:  # all of them are before the end
            lanes.happen()
            continue
        if again:
            k = heappop(retrying)[1]
        elif fresh == last:
            break
        else:
            k = fresh
            fresh += 1
        if guard is not None and not guard.pays(again or line.attempt[k] > 1):
            line.spared += 1
            continue
        if again:
            k = lanes.again(k, arrival)
        if guard is not None and not guard.admits(arrival):
            line.kept_away += 1
            lanes.endings.come_back(k, arrival)
            continue
        line.came += 1
        send(k, arrival)
    lanes.close()
    retrying.remove(NOBODY)
    return len(homeless)
