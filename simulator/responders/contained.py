"""Containment: whatever a responder does, its drill goes on and its run can be read.

A responder in this process is not shut in: a hang inside of C code, a loop that swallows every
interrupt, a thread, or a hand in the interpreter's own tables are not contained.
"""

import math
import re
from types import TracebackType

from simulator.responders.call_timer import CallTimedOut, CallTimer
from simulator.responders.meter import Meter, ResponderLimits, Stopped
from simulator.responders.responder import Responder, ResponderEnded
from simulator.session import Door
from simulator.session.plain_data import NotPlain, copy_plain
from simulator.units import format_value

MAX_WHY = 200
# Another one in every process.
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


class Contained:
    """A responder of which no trouble reaches the session; the first one ends it.

    Troubles are an exception, a call that takes too long, a wake-up that is no time to come, a
    flood of orders or looks, and a call of itself.

    Parameters
    ----------
    responder : Responder
    limits : ResponderLimits
        The real time of a call, and what it may hand in during a simulated minute.
    """

    def __init__(self, responder: Responder, limits: ResponderLimits = ResponderLimits()) -> None:  # noqa: B008
        self.responder, self.limits = responder, limits
        self._timer = CallTimer(limits.seconds)
        self._door: Door | None = None
        self._meter: Meter
        self._metered_door: Door
        self._is_answering = False

    def respond(self, door: Door) -> int | None:
        """The responder's next wake-up.

        Raises
        ------
        ResponderEnded
            If it is in trouble, or was before.
        """
        if self._is_answering:
            self._meter.stop("recursion", "it called respond while it was answering")
            raise Stopped
        if self._door is not door:
            self._door, self._meter = door, Meter(door, self.limits, self._timer)
            self._metered_door = Door(self._meter, door.player)
        wake = None if self._meter.trouble else self._answer(self._meter, self._metered_door)
        if self._meter.trouble:
            raise ResponderEnded(*self._meter.trouble)
        return wake

    def _answer(self, meter: Meter, door: Door) -> int | None:
        def answer() -> int | None:
            try:
                return check_wake_up(self.responder.respond(door), door.now)
            except (KeyboardInterrupt, CallTimedOut):
                raise
            except Stopped:
                return None
            except BadWakeUp as error:
                meter.stop("bad_wake_up", one_line(str(error)))
            except RecursionError as error:
                meter.stop("recursion", describe(error))
            except BaseException as error:  # SystemExit too: it is the responder's own
                meter.stop("raised", describe(error))
            return None

        self._is_answering, wake = True, None
        try:
            wake = self._timer.call(answer)
        except CallTimedOut:
            pass
        finally:
            self._is_answering = False
        if self._timer.expired:
            meter.stop("timed_out", f"no answer within {self.limits.seconds:g} s of real time")
        return wake


class BadWakeUp(ValueError):
    """A responder returned something else than a time to come."""


def check_wake_up(wake: object, now: int) -> int | None:
    """A wake-up in whole ms; None for only on news.

    Raises
    ------
    BadWakeUp
        If it is not a number, or lies in the past.

    Examples
    --------
    >>> check_wake_up(90_000, now=60_000), check_wake_up(None, now=0)
    (90000, None)
    >>> check_wake_up("soon", now=0)
    Traceback (most recent call last):
    ...
    simulator.responders.contained.BadWakeUp: given 'soon', expected a time in ms or None
    """
    if wake is None:
        return None
    try:
        value = copy_plain(wake).value
    except NotPlain:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadWakeUp(f"given {format_value(wake)}, expected a time in ms or None")
    if value < now:
        raise BadWakeUp(f"given {format_value(value)}, in the past: it is {now}")
    return math.ceil(value)


def describe(error: BaseException) -> str:
    """An exception in one short line, with its place in the responder's own code.

    Examples
    --------
    >>> describe(ValueError("too many\\n pods"))
    'ValueError: too many pods'
    """
    try:
        text = str(error)
    except (KeyboardInterrupt, CallTimedOut):
        raise
    except BaseException:  # even its text is in trouble
        text = ""
    name, place = type(error).__name__, _place(error.__traceback__)
    line = f"{name}: {text[:10_000]}" if text else name
    return one_line(line, MAX_WHY - len(place)) + place


def one_line(text: str, length: int = MAX_WHY) -> str:
    """A text on one line without addresses of memory, at most so long.

    Examples
    --------
    >>> one_line("no pod\\nin <Fleet object at 0x7fa779452a10>")
    'no pod in <Fleet object>'
    """
    line = ADDRESS.sub("", " ".join(text.split()))
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _place(traceback: TracebackType | None) -> str:
    """' (bot.py:12)', the last line outside of the simulator; empty if there is none."""
    place = ""
    while traceback is not None:
        frame = traceback.tb_frame
        if not str(frame.f_globals.get("__name__", "")).startswith("simulator."):
            file = frame.f_code.co_filename.rpartition("/")[2]
            place = f" ({file[-40:]}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return place
