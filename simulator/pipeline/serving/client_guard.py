"""What clients hold back of themselves: a budget for retries, and a circuit breaker.

Both stand before the line, in the clients' library or a proxy that all of them share. The
budget is a bucket of tokens: every new request puts a share of one in, every further
attempt takes a whole one out when it is sent, and without a token the client gives up for
good. The breaker counts how the last attempts ended. Too many failures among them and it
opens: it answers 503 itself for a while and the server sees nothing. Then it lets some
attempts through, and how these end decides whether it closes or opens again.

At one instant it hears how attempts ended, those that were sent first before the others, and
only then decides about those that come.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush

CLOSED, OPEN, HALF_OPEN = range(3)


@dataclass(frozen=True)
class Budget:
    """How many retries there may be.

    Both are rounded up to multiples of 2**-20, whose sums are exact: whether five times 0.2 is a
    token does not depend on what was added before.

    Examples
    --------
    >>> Budget(share=0.2, most=10.0).share * 5 >= 1
    True
    """

    share: float  # of a token that a new request brings
    most: float  # tokens that the bucket holds; so many are in it at first

    def __post_init__(self) -> None:
        for name in ("share", "most"):
            object.__setattr__(self, name, math.ceil(getattr(self, name) * 2**20) / 2**20)


@dataclass(frozen=True)
class Breaker:
    """When clients stop asking."""

    failures: float  # share of the last attempts that opens it
    window: int  # attempts that it looks back on; before there are so many it stays closed
    cool_down_ms: float  # open so long
    probes: int  # attempts that are let through then


@dataclass
class Guard:
    """Where budget and breaker stand: facts, kept from tick to tick."""

    tokens: float = float("inf")  # full, however much it holds
    state: int = CLOSED
    entered: float = float("-inf")  # ms since when it is in that state
    probing: int = 0  # attempts let through since it is half open
    ended: deque[bool] = field(default_factory=deque)  # how the last ones did, True if well
    failed: int = 0  # of these


class Watch:
    """Budget and breaker during one stretch of time.

    Parameters
    ----------
    guard : Guard
        Changed in place.
    budget : Budget or None
    breaker : Breaker or None

    Examples
    --------
    >>> guard = Guard(tokens=1.0)
    >>> watch = Watch(guard, Budget(0.1, 1.0), Breaker(0.5, 2, 1000.0, 1))
    >>> watch.affords(), watch.affords()
    (True, False)
    >>> watch.hear(5.0, 0.0, True)
    >>> watch.hear(6.0, 0.0, False)
    >>> watch.admits(5.5), watch.admits(6.0), watch.admits(1006.0)
    (True, False, True)
    """

    def __init__(self, guard: Guard, budget: Budget | None, breaker: Breaker | None) -> None:
        self._guard, self._budget, self._breaker = guard, budget, breaker
        self._news: list[tuple[float, float, bool]] = []  # heap: when, sent at, whether well

    @property
    def calm(self) -> bool:
        """Whether the breaker is closed and does nothing as long as nothing fails.

        A failure that it has heard of may count for the first time when a success fills its
        window.
        """
        guard = self._guard
        full = self._breaker is None or len(guard.ended) == self._breaker.window
        return guard.state == CLOSED and (full or not guard.failed)

    def earn(self, requests: int = 1) -> None:
        """New requests arrive."""
        budget = self._budget
        if budget is not None:
            self._guard.tokens = min(budget.most, self._guard.tokens + requests * budget.share)

    def affords(self) -> bool:
        """Whether a further attempt may be sent; if so, its token is gone."""
        if self._budget is None:
            return True
        if self._guard.tokens < 1.0:
            return False
        self._guard.tokens -= 1.0
        return True

    def pays(self, further: bool) -> bool:
        """An attempt is to be sent: what the budget makes of it, and whether it may be."""
        if further:
            return self.affords()
        self.earn()
        return True

    def hear(self, when: float, sent: float, well: bool) -> None:
        """How an attempt will have ended at a time of this stretch."""
        if self._breaker is not None:
            heappush(self._news, (when, sent, well))

    def admits(self, now: float) -> bool:
        """Whether an attempt reaches the server."""
        breaker, guard = self._breaker, self._guard
        if breaker is None:
            return True
        self.listen(now)
        if guard.state == OPEN and now >= guard.entered + breaker.cool_down_ms:
            self._enter(HALF_OPEN, now)
        if guard.state == HALF_OPEN:
            guard.probing += 1
            return guard.probing <= breaker.probes
        return guard.state == CLOSED

    def listen(self, now: float) -> None:
        """Take in everything that has ended by now."""
        breaker, guard, news = self._breaker, self._guard, self._news
        if breaker is None:
            return
        while news and news[0][0] <= now:
            when, sent, well = heappop(news)
            # What was sent before the breaker changed its mind says nothing of now.
            if guard.state == OPEN or sent < guard.entered:
                continue
            enough = breaker.window if guard.state == CLOSED else breaker.probes
            guard.ended.append(well)
            guard.failed += not well
            if len(guard.ended) > enough:
                guard.failed -= not guard.ended.popleft()
            if len(guard.ended) == enough:
                if guard.failed >= breaker.failures * enough:
                    self._enter(OPEN, when)
                elif guard.state == HALF_OPEN:
                    self._enter(CLOSED, when)

    def _enter(self, state: int, now: float) -> None:
        guard = self._guard
        guard.state, guard.entered, guard.probing = state, now, 0
        guard.ended.clear()
        guard.failed = 0
