"""The attempts of one stretch of time, what they keep to, and what comes of them.

A request that is asked for again is another attempt. Its dice, and the luck of an attempt,
are its own, so that twins see the same customers wherever they are sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappush
from typing import Any, NamedTuple

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.serving.client_guard import Watch

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


class Returned(NamedTuple):
    """The attempts of a stretch in which clients came back, and which row each asks for."""

    origin: Ints
    since: Floats
    until: Floats
    attempt: Ints


@dataclass(frozen=True)
class Moved:
    """What has become of the attempts of a stretch, as columns."""

    start: Floats  # nan for those that no slot has taken
    leave: Floats
    slot: Ints
    waiting: Ints  # the rows that wait at the end, in order
    stayed: int  # of these, how many waited before it
    again: Ints  # the rows whose clients will ask again,
    again_at: Floats  # and when
    returned: Returned | None  # None if nobody came back in this very stretch
    came: int = 0
    shed: int = 0
    given_up: int = 0
    failed: int = 0
    kept_away: int = 0
    spared: int = 0


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
    failed: int = 0  # that no accelerator had room for
    came: int = 0  # attempts that reached the server
    kept_away: int = 0  # attempts that the breaker answered
    spared: int = 0  # attempts that the budget did not allow
    returned: bool = False  # whether anybody came back in this very stretch

    def moved(self) -> Moved:
        """What has become of it."""
        again = [*self.retrying, *self.later]
        returned = None
        if self.returned:
            returned = Returned(
                _ints(self.origin), _floats(self.since), _floats(self.until), _ints(self.attempt)
            )
        return Moved(
            start=_floats(self.start),
            leave=_floats(self.leave),
            slot=_ints(self.slot),
            waiting=_ints(self.waiting),
            stayed=self.stayed,
            again=_ints([k for _, k in again]),
            again_at=_floats([at for at, _ in again]),
            returned=returned,
            came=self.came,
            shed=self.shed,
            given_up=self.given_up,
            failed=self.failed,
            kept_away=self.kept_away,
            spared=self.spared,
        )

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


def _floats(column: list[float]) -> Floats:
    """The same as an array, faster than numpy makes one of what may be anything."""
    return np.fromiter(column, np.float64, len(column))


def _ints(column: list[int]) -> Ints:
    return np.fromiter(column, np.int64, len(column))


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


class Endings(NamedTuple):
    """What is done about an attempt that ends at some time of a stretch, or soon after it."""

    come_back: Callable[[int, float], None]  # its client got no answer
    lose: Callable[[int, float], None]  # the same, and the breaker hears of it
    finish: Callable[[int, int, float], None]  # a replica takes it, and is done with it then


def endings(line: Line, rules: Rules, guard: Watch | None) -> Endings:
    """Those of one stretch.

    Parameters
    ----------
    line : Line
        Clients that ask again are put into `retrying` and `later`.
    rules : Rules
    guard : Watch, optional
        It hears how attempts end.
    """
    since, until, attempt, dice = line.since, line.until, line.attempt, line.dice
    retrying, later, errors, end = line.retrying, line.later, rules.errors, rules.end
    retries = rules.retries
    pauses = [rules.backoff_ms * 2.0 ** (n - 1.0) for n in range(retries + 1)]

    def come_back(k: int, when: float) -> None:
        n = attempt[k]
        if n <= retries:
            again = when + pauses[n] * (0.5 + (dice[k] + n * GOLDEN) % 1.0)
            if again < end:
                heappush(retrying, (again, k))
            else:
                later.append((again, k))

    def tell(k: int, when: float) -> None:
        assert guard is not None
        guard.hear(when, since[k], False)
        come_back(k, when)

    lose = come_back if guard is None else tell

    def finish(k: int, r: int, done: float) -> None:
        if until[k] < done:
            if until[k] < end:
                lose(k, until[k])
        elif done < end:
            if errs(dice[k], LUCK[attempt[k] % 32], errors[r]):
                lose(k, done)
            elif guard is not None:
                guard.hear(done, since[k], True)

    return Endings(come_back, lose, finish)
