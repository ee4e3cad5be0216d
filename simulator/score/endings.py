"""How an incident ended: by itself or by an order, and closed in time or too early."""

from collections.abc import Mapping

from simulator.analysis.debt_history import debt_history
from simulator.analysis.harm import HarmByFault
from simulator.analysis.marks import Incident
from simulator.analysis.truth import end_of, first_breach
from simulator.run import Run
from simulator.run.events import EndedEvent


def self_ended_at(run: Run, incident: Incident) -> int | None:
    """When the duration (`for`) of a fault ended while it still did harm, ms; else None.

    The duration ends at the same moment whatever the responder does, so a later mitigation is not
    the responder's merit.
    """
    mitigated = incident.marks.mitigate
    for event in run.of(EndedEvent):
        if event.fault == incident.id and event.why == "for":
            return event.t if mitigated is not None and event.t <= mitigated else None
    return None


def closed_early(run: Run, incident: Incident, twins: Mapping[str, Run] | None = None) -> bool:
    """Whether the responder closed the incident before it was over.

    A fault that was stopped before any harm and left no debt has no recovery to wait for.
    """
    marks = incident.marks
    if marks.close is None or marks.onset is None:
        return False
    if marks.recover is not None:
        return marks.close < marks.recover
    harm = HarmByFault.of(run, run.twins if twins is None else twins)
    if harm is None:
        breached = first_breach(run, marks.onset, end_of(run) + 1) is not None
        return breached or debt_history(run, marks.onset).outstanding
    return marks.impact is not None or harm.debts(incident.id).outstanding
