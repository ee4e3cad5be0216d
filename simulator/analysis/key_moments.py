"""The moments of a run that a postmortem's timeline has to name, and all that it may name."""

from collections.abc import Iterator

from simulator.analysis.incident_span import incident_span
from simulator.analysis.page_history import earliest
from simulator.analysis.timeline import Timeline
from simulator.run.events import LookEvent, StepEvent

# Orders that people must be told of are those that change something or call somebody.
TOLD_EFFECTS = {"world", "people"}
FIRST_OF = ("declare", "diagnose", "close")


def key_moments(timeline: Timeline) -> list[int]:
    """The impact, the acknowledgement, the orders that mattered, the recovery, ms, in order."""
    return sorted({t for t in _key_moments(timeline) if t is not None})


def _key_moments(timeline: Timeline) -> Iterator[int | None]:
    span = incident_span(timeline)
    if span is not None:
        yield span.start
        yield span.end if span.breached and span.end < timeline.end else None
    yield earliest(*(page.acknowledged for page in timeline.pages_to_played_team))
    for action in FIRST_OF:
        yield earliest(*(t for t, _ in timeline.done_times(action)))
    for order in timeline.graded_orders:
        kind = timeline.header.actions.get(order.action)
        if kind is not None and kind.effect in TOLD_EFFECTS and order.state == "done":
            yield order.t


def logged_moments(timeline: Timeline) -> list[int]:
    """When anything happened that a timeline may name, ms: looks and steps are no events."""
    events = (
        event for event in timeline.run.events if not isinstance(event, LookEvent | StepEvent)
    )
    span = incident_span(timeline)
    edges = [] if span is None else [span.start, span.end]
    return sorted({*(event.t for event in events), *edges})
