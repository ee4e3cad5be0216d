"""Binds the conditions of injects to actions and objectives."""

from collections.abc import Collection

from simulator.director.conditions import (
    ActionCompleted,
    BoundCondition,
    Mitigated,
    ObjectiveLasts,
)
from simulator.scenario import InjectCondition, When
from simulator.setting.name_checker import KeyPath, NameChecker

# Each event of a condition is a completed action of the played team.
ACTION_OF_EVENT = {
    "acknowledged": "acknowledge",
    "declared": "declare",
    "assigned": "assign",
    "diagnosed": "diagnose",
    "escalated": "escalate",
    "paged": "page",
    "told": "status_update",
    "closed": "close",
}


def bind_condition(
    checker: NameChecker,
    at: KeyPath,
    written: InjectCondition | None,
    objectives: Collection[str],
) -> BoundCondition | None:
    """The condition at a path of a scenario; None if there is none, or after a complaint.

    Parameters
    ----------
    objectives : collection of str
        The names of the scenario's objectives.
    """
    if written is None:
        return None
    if written.mitigated:
        return Mitigated()
    if written.event is not None:
        after = written.after if isinstance(written, When) else None
        valid = checker.check((*at, "event"), ACTION_OF_EVENT, "event")
        event = written.event
        return ActionCompleted(event, ACTION_OF_EVENT[event], after or 0) if valid else None
    assert written.objective is not None
    lasts = written.held if written.breached is None else written.breached
    assert lasts is not None
    valid = checker.check((*at, "objective"), objectives, "objective")
    return ObjectiveLasts(written.objective, written.breached is None, lasts) if valid else None
