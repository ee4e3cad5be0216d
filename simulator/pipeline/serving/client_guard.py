"""Client-side retry budget and circuit breaker.

Both stand before the queue, in the clients' library or in a proxy that all of them share. The
budget is a token bucket: every new request deposits a share of a token, every retry takes a whole
one, and without a token the client gives up for good. The breaker counts the outcomes of the last
attempts. With too many failures among them it opens: it answers 503 itself for a while, and the
server gets nothing. Then it is half open: it admits some probes, whose outcomes close or open it.

At one instant it records outcomes, by the time at which the attempts were sent, and only then
decides about the attempts that arrive.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush

CLOSED, OPEN, HALF_OPEN = range(3)


@dataclass(frozen=True)
class RetryBudgetLaw:
    """How many retries there may be.

    Both numbers are rounded up to multiples of 2**-20, whose sums are exact: whether five times
    0.2 is a token does not depend on the order of additions.

    Examples
    --------
    >>> RetryBudgetLaw(share=0.2, most=10.0).share * 5 >= 1
    True
    """

    share: float  # of a token that a new request deposits
    most: float  # tokens that the bucket holds; it is full at first

    def __post_init__(self) -> None:
        for name in ("share", "most"):
            object.__setattr__(self, name, math.ceil(getattr(self, name) * 2**20) / 2**20)


@dataclass(frozen=True)
class CircuitBreakerLaw:
    """When clients stop sending."""

    failures: float  # share of the last attempts that opens it
    window: int  # attempts that it counts; with fewer it stays closed
    cool_down_ms: float  # how long it stays open
    probes: int  # attempts that it admits while half open


@dataclass
class GuardState:
    """State of budget and breaker, kept from tick to tick."""

    tokens: float = float("inf")  # full, whatever the bucket holds
    state: int = CLOSED
    entered: float = float("-inf")  # ms since when it is in that state
    probing: int = 0  # attempts admitted since it is half open
    outcomes: deque[bool] = field(default_factory=deque)  # of the last attempts, True for success
    failed: int = 0  # failures among them


class ClientGuard:
    """Budget and breaker during one segment of time.

    Parameters
    ----------
    state : GuardState
        Changed in place.

    Examples
    --------
    >>> state = GuardState(tokens=1.0)
    >>> guard = ClientGuard(state, RetryBudgetLaw(0.1, 1.0), CircuitBreakerLaw(0.5, 2, 1000.0, 1))
    >>> guard.can_retry(), guard.can_retry()
    (True, False)
    >>> guard.record(5.0, 0.0, True)
    >>> guard.record(6.0, 0.0, False)
    >>> guard.admits(5.5), guard.admits(6.0), guard.admits(1006.0)
    (True, False, True)
    """

    def __init__(
        self, state: GuardState, budget: RetryBudgetLaw | None, breaker: CircuitBreakerLaw | None
    ) -> None:
        self._state, self._budget, self._breaker = state, budget, breaker
        self._outcomes: list[tuple[float, float, bool]] = []  # heap: when, sent at, success

    @property
    def transparent(self) -> bool:
        """Whether the breaker is closed and has no effect as long as nothing fails.

        A failure in a window that is not full yet may open the breaker when a success fills it.
        """
        state = self._state
        full = self._breaker is None or len(state.outcomes) == self._breaker.window
        return state.state == CLOSED and (full or not state.failed)

    def deposit(self, requests: int = 1) -> None:
        """Add the tokens of new requests."""
        budget = self._budget
        if budget is not None:
            self._state.tokens = min(budget.most, self._state.tokens + requests * budget.share)

    def can_retry(self) -> bool:
        """Whether a retry may be sent; if so, its token is taken."""
        if self._budget is None:
            return True
        if self._state.tokens < 1.0:
            return False
        self._state.tokens -= 1.0
        return True

    def may_send(self, retry: bool) -> bool:
        """Whether the budget lets an attempt be sent; a first attempt makes a deposit."""
        if retry:
            return self.can_retry()
        self.deposit()
        return True

    def record(self, when: float, sent: float, success: bool) -> None:
        """Record the outcome of an attempt at a time in this segment."""
        if self._breaker is not None:
            heappush(self._outcomes, (when, sent, success))

    def admits(self, now: float) -> bool:
        """Whether the breaker lets an attempt reach the server."""
        breaker, state = self._breaker, self._state
        if breaker is None:
            return True
        self.flush(now)
        if state.state == OPEN and now >= state.entered + breaker.cool_down_ms:
            self._enter(HALF_OPEN, now)
        if state.state == HALF_OPEN:
            state.probing += 1
            return state.probing <= breaker.probes
        return state.state == CLOSED

    def flush(self, now: float) -> None:
        """Count every outcome up to now."""
        breaker, state, outcomes = self._breaker, self._state, self._outcomes
        if breaker is None:
            return
        while outcomes and outcomes[0][0] <= now:
            when, sent, success = heappop(outcomes)
            # An attempt sent before the last change of state says nothing about the server now.
            if state.state == OPEN or sent < state.entered:
                continue
            enough = breaker.window if state.state == CLOSED else breaker.probes
            state.outcomes.append(success)
            state.failed += not success
            if len(state.outcomes) > enough:
                state.failed -= not state.outcomes.popleft()
            if len(state.outcomes) == enough:
                if state.failed >= breaker.failures * enough:
                    self._enter(OPEN, when)
                elif state.state == HALF_OPEN:
                    self._enter(CLOSED, when)

    def _enter(self, new: int, now: float) -> None:
        state = self._state
        state.state, state.entered, state.probing = new, now, 0
        state.outcomes.clear()
        state.failed = 0
