"""Lanes: a line of its own before every replica.

An attempt is sent to a replica when it arrives, and waits there, whoever is idle elsewhere.
What happens is taken one by one in the order of time, for a stretch in which the laws stand
still: a slot gets free, a client has waited too long, an attempt arrives. What would happen
after the end of the stretch is left to the laws of the next. An attempt that finds the line
of its replica at its cap is shed, and so is one for which there is no replica.

At one instant departures come before clients that give up, and those before arrivals.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from simulator.pipeline.balancing import ROUND_ROBIN, picker
from simulator.pipeline.line import INF, NOBODY, Line, Rules, endings

if TYPE_CHECKING:
    from simulator.pipeline.guard import Watch

DEPART, GIVE_UP = range(2)  # in the order in which they come at one instant
Event = tuple[float, int, int]  # ms, which of these, and the replica or the attempt


@dataclass(frozen=True)
class LaneLaw:
    """How replicas with a line each get their requests."""

    balancing: str = ROUND_ROBIN


class Lanes:
    """The lines of one stretch of time.

    Parameters
    ----------
    line : Line
        All attempts, as they stand at the begin; changed in place. `slot` says in whose line
        those wait that wait; -1 for one that was taken away, which hands them out again.
    rules : Rules
        The cap is that of each line.
    guard : Watch, optional
    """

    def __init__(self, line: Line, rules: Rules, guard: Watch | None = None) -> None:
        self.line, self.rules = line, rules
        self.endings = endings(line, rules, guard)
        self.lanes: dict[int, deque[int]] = {r: deque() for r in rules.order}
        self.length = [0] * len(line.free)  # of them, those that have not given up
        # When slots get free, of those that serve; and those inside, the waiting among them.
        self.events: list[Event] = [
            (leave, DEPART, r) for leave, r in line.busy if leave < rules.end
        ]
        self.load = [0] * len(line.free)
        for _, r in line.busy:
            self.load[r] += 1
        heapify(self.events)
        heappush(self.events, (INF, DEPART, -1))  # so that there is always a next one
        self.gone: set[int] = set()

    def open(self, at: float) -> list[int]:
        """Those who wait find their places; what is returned has to be handed out again."""
        line, homeless = self.line, list[int]()
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
        now, kind, which = heappop(self.events)
        if kind == DEPART:
            self.line.free[which] += 1
            self.load[which] -= 1
            self._serve(which, now)
        elif self.line.leave[which] != self.line.leave[which]:  # nan: it still waits
            r = self.line.slot[which]
            self.gone.add(which)
            self.length[r] -= 1
            self.load[r] -= 1
            self.line.given_up += 1
            self.endings.lose(which, now)

    def join(self, k: int, r: int, now: float) -> None:
        """An attempt is sent to a replica."""
        if self.line.free[r] <= 0 and self.length[r] >= self.rules.cap:
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
            heappush(self.events, (max(now, self.line.until[k]), GIVE_UP, k))

    def _serve(self, r: int, now: float) -> None:
        """Free slots take those who wait."""
        line, lane = self.line, self.lanes[r]
        while line.free[r] > 0 and self.length[r]:
            k = lane.popleft()
            if k in self.gone:
                continue
            self.length[r] -= 1
            line.free[r] -= 1
            line.start[k] = now
            line.leave[k] = done = now + line.works[r][k]
            if done < self.rules.end:
                heappush(self.events, (done, DEPART, r))
            self.endings.finish(k, r, done)


def advance(
    line: Line, rules: Rules, law: LaneLaw, at: float, first: int, guard: Watch | None = None
) -> int:
    """Move all lines from `at` to the end of the stretch.

    Parameters
    ----------
    line : Line
        As it stands at `at`; changed in place.
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
    lanes = Lanes(line, rules, guard)
    pick = picker(law.balancing, rules.order, line.dice, line.attempt, lanes.load)
    since, slot, leave = line.since, line.slot, line.leave
    retrying, events = line.retrying, lanes.events
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
            arrival, k = heappop(retrying)
            if guard is not None and not guard.affords():
                line.spared += 1
                continue
            if (
                slot[k] >= 0 or leave[k] == leave[k]
            ):  # it was sent somewhere, so this one needs a place of its own
                k = line.double(k)
            since[k], line.until[k] = arrival, arrival + rules.timeout_ms
            line.attempt[k] += 1
            line.returned = True
        elif fresh == last:
            break
        else:
            k = fresh
            fresh += 1
            if guard is not None:
                if line.attempt[k] == 1:
                    guard.earn()
                elif not guard.affords():
                    line.spared += 1
                    continue
        if guard is not None and not guard.admits(arrival):
            line.kept_away += 1
            lanes.endings.come_back(k, arrival)
            continue
        line.came += 1
        send(k, arrival)
    lanes.close()
    retrying.remove(NOBODY)
    return len(homeless)
