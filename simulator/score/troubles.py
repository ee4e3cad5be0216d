"""The troubles in which responders ended before their drill."""

from collections.abc import Iterator

from simulator.run import Run
from simulator.run.events import ResponderEvent
from simulator.units.wording import hhmm

PHRASES = {
    "raised": "raised",
    "timed_out": "was timed out:",
    "bad_wake_up": "returned a wrong wake-up:",
    "flood": "flooded the drill:",
    "recursion": "called itself too often:",
    "left": "left:",
}


def format_trouble(event: ResponderEvent) -> str:
    """The trouble of a responder in words.

    Examples
    --------
    >>> format_trouble(ResponderEvent(0, "ana", "raised", "KeyError: 'x'"))
    "raised KeyError: 'x'"
    """
    return f"{PHRASES.get(event.state, f'{event.state}:')} {event.why}"


def responder_troubles(run: Run) -> Iterator[str]:
    """A sentence for each responder that ended before the drill."""
    for event in run.of(ResponderEvent):
        yield f"the responder {event.who} {format_trouble(event)} at {hhmm(event.t)}"
