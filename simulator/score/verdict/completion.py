"""Rules: the drill was interrupted; a responder ended before it."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.run.events import InterruptedEvent, ResponderEvent
from simulator.scenario.rubric import Rubric
from simulator.score.troubles import responder_troubles
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import hhmm


def interrupted(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A drill without an end fails."""
    if log.complete:
        return
    events = list(log.run.of(InterruptedEvent))
    reasons = [e.reason for e in events if e.reason not in ("", e.kind)]
    text = ": ".join([f"the drill was interrupted at {hhmm(log.end)}", *reasons])
    yield VerdictReason(text, "interrupted", line_numbers(log.run, events))


def responder(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A responder that ended before the drill fails it."""
    for event, text in zip(log.run.of(ResponderEvent), responder_troubles(log.run), strict=True):
        yield VerdictReason(text, "responder", line_numbers(log.run, [event]))
