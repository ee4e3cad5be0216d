"""State and rules of one segment of time, which the queueing kernels share.

The kernels are `fcfs` (one queue, in plain Python, and compiled) and `per_replica`. A request
that is retried is another attempt. Its random numbers, and the luck of each attempt, are its own,
so that twins see the same customers at whatever replica.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappush
from typing import Any, NamedTuple

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.serving.client_guard import ClientGuard
from simulator.pipeline.traffic.verdicts import ANSWERED, REFUSED

NAN = float("nan")
INF = float("inf")
SENTINEL = (INF, -1)  # at the end of every heap, so that there is always a next entry

LOW_DIGITS = 2.0**20  # the digits of a uniform behind these choose no row of a pool
GOLDEN = 0.6180339887498949  # its multiples modulo 1 are far apart: one jitter an attempt
# A request's dice times each of these, modulo 1, are independent in effect: a luck for each
# attempt. No sum of few of them with whole factors is near 0, as it would be if they were
# multiples of one number; then a third attempt would follow from the first two.
LUCK = tuple(1e6 * 1.3591409142295225**n for n in range(32))


@dataclass
class SegmentRules:
    """Rules of the queue during one segment of time."""

    replicas: list[int]  # ready ones, in round-robin order from the next one
    error_share: list[float]  # of its answers, per replica
    queue_cap: int  # requests that may wait
    timeout_ms: float  # patience of a new attempt
    retries: int
    backoff_ms: float
    end: float  # ms at which the segment ends; events at that time belong to the next
    # the gateway's verdicts, by attempt and row; empty if all pass
    verdicts: list[list[int]] = field(default_factory=list)


class RetriedAttempts(NamedTuple):
    """The attempts of a segment in which clients retried, and the row that each is about."""

    origin: Ints
    since: Floats
    until: Floats
    attempt: Ints


@dataclass(frozen=True)
class SegmentOutcome:
    """The attempts of a segment at its end, as columns."""

    start: Floats  # nan where no slot has taken the attempt
    leave: Floats
    slot: Ints
    waiting: Ints  # rows that wait at the end, in order
    stayed: int  # how many of these waited before the segment
    retrying: Ints  # rows whose clients will retry,
    retry_at: Floats  # and when
    retried: RetriedAttempts | None  # None if no client retried in this very segment
    arrived: int = 0
    shed: int = 0
    given_up: int = 0
    failed: int = 0
    breaker_rejected: int = 0
    retries_suppressed: int = 0
    at_gateway: tuple[Ints, Ints] | None = None  # rows of attempts at the gateway, and verdicts
    answered: Ints | None = None  # attempts that the gateway answered


@dataclass
class KernelState:
    """The attempts of a segment as columns, and the slots.

    `start` and `leave` are nan until a slot takes the attempt. A retry overwrites the attempt
    before it, or is appended to the columns if a slot had taken that; `origin` is the row of its
    request.
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
    busy: list[tuple[float, int]]  # heap: when a slot becomes free, and its replica
    waiting: list[int]
    queue_tail: int  # requests that wait after these, and get no slot in this segment
    retrying: list[tuple[float, int]]  # heap: when a client retries, and its last attempt
    stayed: int = 0  # of those that wait at the end, how many waited before the segment
    retry_later: list[tuple[float, int]] = field(default_factory=list)  # after the end
    shed: int = 0
    given_up: int = 0  # by clients that waited
    failed: int = 0  # for lack of memory on an accelerator
    arrived: int = 0  # attempts that reached the server
    breaker_rejected: int = 0  # attempts that the breaker answered
    retries_suppressed: int = 0  # retries that the budget did not allow
    at_gateway: list[tuple[int, int]] = field(default_factory=list)  # row, verdict
    answered: list[int] = field(default_factory=list)  # by the gateway
    any_retried: bool = False  # whether any client retried in this very segment

    def outcome(self) -> SegmentOutcome:
        """The state at the end of the segment, as arrays."""
        retrying = [*self.retrying, *self.retry_later]
        retried = None
        if self.any_retried:
            retried = RetriedAttempts(
                _ints(self.origin), _floats(self.since), _floats(self.until), _ints(self.attempt)
            )
        return SegmentOutcome(
            start=_floats(self.start),
            leave=_floats(self.leave),
            slot=_ints(self.slot),
            waiting=_ints(self.waiting),
            stayed=self.stayed,
            retrying=_ints([k for _, k in retrying]),
            retry_at=_floats([at for at, _ in retrying]),
            retried=retried,
            arrived=self.arrived,
            shed=self.shed,
            given_up=self.given_up,
            failed=self.failed,
            breaker_rejected=self.breaker_rejected,
            retries_suppressed=self.retries_suppressed,
            at_gateway=(
                _ints([row for row, _ in self.at_gateway]),
                _ints([verdict for _, verdict in self.at_gateway]),
            )
            if self.at_gateway
            else None,
            answered=_ints(self.answered) if self.answered else None,
        )

    def duplicate(self, k: int) -> int:
        """Append another attempt of the same request to the columns; returns its row."""
        for column in self._columns:
            column.append(column[k])
        self.start.append(NAN)
        self.leave.append(NAN)
        self.slot.append(-1)
        return len(self.since) - 1

    @cached_property
    def _columns(self) -> list[list[Any]]:
        """The columns that a retry inherits."""
        works = {id(work): work for work in self.works}.values()
        return [self.since, self.until, self.dice, self.attempt, self.origin, *works]


def _floats(column: list[float]) -> Floats:
    """The same as an array, faster than numpy makes one of what may be anything."""
    return np.fromiter(column, np.float64, len(column))


def _ints(column: list[int]) -> Ints:
    return np.fromiter(column, np.int64, len(column))


def dice_of(row: Floats) -> Floats:
    """A request's random number for jitter and errors: the low digits of its `ROW`."""
    return row * LOW_DIGITS


def retry_backoff(base_ms: float, attempt: Floats, row: Floats) -> Floats:
    """How long clients wait before they retry: doubling, with half to one and a half jitter.

    The jitter is the request's own.

    Examples
    --------
    >>> import numpy as np
    >>> retry_backoff(100.0, np.array([1.0, 2.0, 3.0]), np.full(3, 0.25)).round(1).tolist()
    [111.8, 147.2, 541.6]
    """
    jitter: Floats = (dice_of(row) + attempt * GOLDEN) % 1.0
    return base_ms * 2.0 ** (attempt - 1.0) * (0.5 + jitter)


def is_error(dice: Any, luck: Any, share: Any) -> Any:
    """Whether the answer to an attempt (with its `LUCK`) is an error, at a share of errors.

    Each attempt has its own luck, whatever the share: one that fails at 1 % fails at 2 % too.
    For numbers and for arrays alike.

    Examples
    --------
    >>> [is_error(0.3, luck, 0.5) for luck in LUCK[1:5]]
    [True, True, False, True]
    """
    return dice % 1.0 * luck % 1.0 < share


class Endings(NamedTuple):
    """What follows when an attempt ends at some time of a segment, or soon after it."""

    retry: Callable[[int, float], None]  # its client may retry
    fail: Callable[[int, float], None]  # the same, and the breaker records a failure
    finish: Callable[[int, int, float], None]  # a replica takes it, and is done with it then
    stopped: Callable[[int, float], bool]  # whether it ends at the gateway


def endings(state: KernelState, rules: SegmentRules, guard: ClientGuard | None) -> Endings:
    """The endings of one segment: retries go to the state, outcomes to the guard."""
    since, until, attempt, dice = state.since, state.until, state.attempt, state.dice
    retrying, later, errors, end = state.retrying, state.retry_later, rules.error_share, rules.end
    retries, verdicts = rules.retries, rules.verdicts
    origin, at_gateway = state.origin, state.at_gateway
    pauses = [rules.backoff_ms * 2.0 ** (n - 1.0) for n in range(retries + 1)]

    def retry(k: int, when: float) -> None:
        n = attempt[k]
        if n <= retries:
            again = when + pauses[n] * (0.5 + (dice[k] + n * GOLDEN) % 1.0)
            if again < end:
                heappush(retrying, (again, k))
            else:
                later.append((again, k))

    def record_failure(k: int, when: float) -> None:
        assert guard is not None
        guard.record(when, since[k], False)
        retry(k, when)

    fail = retry if guard is None else record_failure

    def finish(k: int, r: int, done: float) -> None:
        if until[k] < done:
            if until[k] < end:
                fail(k, until[k])
        elif done < end:
            if is_error(dice[k], LUCK[attempt[k] % 32], errors[r]):
                fail(k, done)
            elif guard is not None:
                guard.record(done, since[k], True)

    def stopped(k: int, when: float) -> bool:
        verdict = verdicts[attempt[k] - 1][origin[k]]
        at_gateway.append((origin[k], verdict))
        if verdict == REFUSED:
            fail(k, when)
        elif verdict:
            # A request that is too long is the client's own mistake: not repeated, no failure.
            if guard is not None:
                guard.record(when, since[k], True)
            if verdict == ANSWERED:
                state.answered.append(k)
        return verdict > 0

    return Endings(retry, fail, finish, stopped)
