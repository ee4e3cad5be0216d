"""The lines of log.jsonl that show a mark of an incident."""

from simulator.run import Event, Run
from simulator.run.events import (
    ActionEvent,
    DebtEvent,
    EndedEvent,
    InjectEvent,
    LandedEvent,
    NotificationEvent,
    ObjectiveEvent,
    PageEvent,
)

# Kinds of the events that can bring a mark about, at its time.
SHOWN_BY: dict[str, tuple[type[Event], ...]] = {
    "onset": (InjectEvent,),
    "landed": (LandedEvent,),
    "impact": (ObjectiveEvent,),
    "alert": (NotificationEvent,),
    "detect": (PageEvent, ActionEvent),
    "acknowledge": (PageEvent,),
    "declare": (ActionEvent,),
    "diagnose": (ActionEvent,),
    "cause_removed": (EndedEvent,),
    "mitigate": (ObjectiveEvent,),
    "recover": (ObjectiveEvent, DebtEvent),
    "close": (ActionEvent,),
}
# Their states or actions, where not all of the kind do.
STATES = {"detect": "delivered", "acknowledge": "acknowledged", "mitigate": "held"}
ACTIONS = {"detect": "declare", "declare": "declare", "diagnose": "diagnose", "close": "close"}


def mark_lines(run: Run, mark: str, t: int | None) -> tuple[int, ...]:
    """The lines of the events at a mark's time that can have brought it about."""
    kinds = SHOWN_BY.get(mark, ())
    return tuple(
        line
        # The log's first line is its header.
        for line, event in enumerate(run.events, 2)
        if event.t == t and isinstance(event, kinds) and _is_such(event, mark)
    )


def _is_such(event: Event, mark: str) -> bool:
    if isinstance(event, ActionEvent):
        return (event.action, event.state) == (ACTIONS.get(mark), "done")
    if isinstance(event, PageEvent | ObjectiveEvent):
        return event.state == STATES.get(mark, event.state)
    return True
