"""A limit of real time for calls of a responder's code, by the interval timer of the process."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

V = TypeVar("V")
# A responder that swallows an interrupt gets another one after this.
REPEAT_SECONDS = 1.0


class CallTimedOut(BaseException):
    """A call took too long. No Exception: `except Exception` in a loop would swallow it."""


class CallTimer:
    """Interrupts a call on the main thread that takes too long in real time.

    It has no limit on other threads, as Python handles signals on the main thread only, and
    inside of C code, which Python does not interrupt. The process's own timer and handler are
    back in place after the call.

    Parameters
    ----------
    seconds : float or None
        The limit of a call; None for no limit.

    Attributes
    ----------
    expired : bool
        Whether the present or last call was interrupted, also if it went on.

    Examples
    --------
    >>> CallTimer(10).call(lambda: "in time")
    'in time'
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self.expired = False
        self._active = False
        self._pending = False
        self._shields = 0

    def call(self, function: Callable[[], V]) -> V:
        """The result of a function.

        Raises
        ------
        CallTimedOut
            If the limit passed before it returned.
        """
        self.expired = self._pending = False
        on_main_thread = threading.current_thread() is threading.main_thread()
        # Windows has no interval timer.
        if self.seconds is None or not on_main_thread or not hasattr(signal, "setitimer"):
            return function()
        former, start = signal.signal(signal.SIGALRM, self._interrupt), time.monotonic()
        delay, interval = signal.setitimer(signal.ITIMER_REAL, self.seconds, REPEAT_SECONDS)
        try:
            try:
                self._active = True
                return function()
            finally:
                self._active = False
        except CallTimedOut:
            self._active = False  # the interrupt may have come just before the line above
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL if former is None else former)
            if delay:
                rest = max(delay - (time.monotonic() - start), 0.001)
                signal.setitimer(signal.ITIMER_REAL, rest, interval)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Do a thing whole: an interrupt waits until it is done."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        if self._pending and not self._shields:
            self._pending = False
            raise CallTimedOut

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        if not self._active:
            return
        self.expired = True
        if self._shields:
            self._pending = True
        else:
            raise CallTimedOut
