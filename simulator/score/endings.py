"""How an incident ended: by itself or by an order, and closed in time or too early."""

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident


def self_ended_at(timeline: Timeline, incident: Incident) -> int | None:
    """When the duration (`for`) of a fault ended while it still did harm, ms; else None.

    The duration ends at the same moment whatever the responder does, so a later mitigation is not
    the responder's merit, unless the cause was removed before.
    """
    mitigated, ended = incident.marks.mitigate, timeline.fault_end(incident.id).by_itself
    return None if mitigated is None or ended is None or ended > mitigated else ended


def closed_early(timeline: Timeline, incident: Incident) -> bool:
    """Whether the responder closed the incident before it was over.

    A fault that was stopped before any harm and left no debt has no recovery to wait for.
    """
    marks, harm = incident.marks, timeline.harm
    if marks.close is None or marks.onset is None:
        return False
    if marks.recover is not None:
        return marks.close < marks.recover
    if harm is None:
        breached = timeline.truth.first_breach(marks.onset) is not None
        return breached or timeline.debt_history_since(marks.onset).outstanding
    return marks.impact is not None or harm.debts(incident.id).outstanding
