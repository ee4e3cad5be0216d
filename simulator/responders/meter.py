"""What stands between a contained responder and its door: it counts, and closes in trouble."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from simulator.promql import Result
from simulator.responders.call_timer import CallTimedOut, CallTimer
from simulator.session import Door, Observation, Order
from simulator.session.plain_data import MAX_BYTES, NotPlain, copy_plain
from simulator.telemetry.log_lines import LogLine

MINUTE_MS = 60_000
# Frames of Python that the session may need below a responder that recurses as deep as it can:
# an error in the middle of an order would leave a session that does not replay.
HEADROOM = 1_000


@dataclass(frozen=True)
class ResponderLimits:
    """What a responder may ask of a drill.

    The fastest useful automation polls twenty queries a tick of 5 s: 240 a minute.
    """

    seconds: float | None = 10.0  # real time a call; None for no limit
    orders: int = 1_000  # a simulated minute, invalid ones too
    looks: int = 10_000  # a simulated minute, logged steps too
    bytes: int = 1 << 20  # a simulated minute, of arguments and queries


class Stopped(BaseException):
    """Ends the call of a responder in trouble. No Exception: a loop would swallow it."""


class Meter:
    """The host of a contained responder's door; asks the real door.

    Parameters
    ----------
    door : Door
        The real one.
    timer : CallTimer
        Its interrupts wait until the real door has answered.

    Attributes
    ----------
    trouble : tuple of str or None
        State and reason of the first trouble; from then on the door answers no more.
    """

    def __init__(self, door: Door, limits: ResponderLimits, timer: CallTimer) -> None:
        self._door, self._limits, self._timer = door, limits, timer
        self._minute, self._counts = 0, Counter[str]()
        self.trouble: tuple[str, str] | None = None

    def stop(self, state: str, why: str) -> None:
        """Note a trouble, unless there was one before."""
        self.trouble = self.trouble or (state, why)

    @property
    def now(self) -> int:
        return self._door.now

    @property
    def ends(self) -> int:
        return self._door.ends

    def has_news(self, player: str) -> bool:
        with self._asking():
            return self._door.waiting

    def take_news(self, player: str) -> Observation:
        with self._asking():
            return self._door.seen()

    def query(self, player: str, expr: str) -> Result:
        with self._asking(looks=1, bytes=_length(expr)):
            return self._door.query(expr)

    def search(self, player: str, pattern: str, since: int) -> list[LogLine]:
        with self._asking(looks=1, bytes=_length(pattern)):
            return self._door.search(pattern, since)

    def submit(self, player: str, order: Order) -> int:
        order, size = _copy(order)
        with self._asking(orders=1, bytes=size):
            return self._door.submit(order)

    def log_step(
        self, player: str, playbook: str, path: str, verb: str, state: str, why: str,
        name: str, by: str,
    ) -> None:  # fmt: skip
        with self._asking(looks=1):
            self._door.log_step(playbook, path, verb, state, why, name=name, by=by)

    @contextmanager
    def _asking(self, **amounts: int) -> Iterator[None]:
        """Ask the real door, unless the limits are passed."""
        self._count(amounts)
        if self.trouble:
            raise Stopped
        if self._timer.expired:
            raise CallTimedOut
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + HEADROOM)
        try:
            with self._timer.shielded():
                yield
        finally:
            sys.setrecursionlimit(limit)

    def _count(self, amounts: dict[str, int]) -> None:
        if self._minute != (minute := self._door.now // MINUTE_MS):
            self._minute, self._counts = minute, Counter()
        self._counts.update(amounts)
        for noun in amounts:
            most = getattr(self._limits, noun)
            if self._counts[noun] > most:
                self.stop("flood", f"more than {most:,} {noun} in a simulated minute")


def _length(text: object) -> int:
    return len(text) if isinstance(text, str) else 0


def _copy(order: Order) -> tuple[Order, int]:
    """An order with a copy of its arguments, and their bytes: the largest for a wrong order.

    The real door, which no interrupt reaches, reads the copy: a map of the responder's own class
    could hang there.
    """
    try:
        if isinstance(order, Order) and isinstance(order.args, Mapping):
            args, size = copy_plain(order.args)
            return Order(order.kind, cast("dict[str, Any]", args)), size
    except NotPlain:
        pass
    return order, MAX_BYTES
