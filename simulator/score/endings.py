"""How an incident ended: by itself or not, and closed when it was over or before."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.run import Run
from simulator.score.blame import Blame
from simulator.score.debts import debts_since
from simulator.score.marks import Incident
from simulator.score.truth import end_of, first_breach


def ended_by_itself(run: Run, incident: Incident) -> int | None:
    """When the time of a fault was up that still did harm then, ms; None of any other.

    Its `for` is over at the same moment whoever answers: what is mitigated only after that is
    nobody's merit.
    """
    mitigated = incident.marks.mitigate
    for event in run.of("ended"):
        if event.data.get("fault") == incident.id and event.data.get("why") == "for":
            return event.t if mitigated is not None and event.t <= mitigated else None
    return None


def closed_early(run: Run, incident: Incident, twins: Mapping[str, Run] | None = None) -> bool:
    """Whether the responder said that it is over while it was not.

    A fault that was stopped before it harmed anybody and left nothing has nothing to recover.
    """
    marks = incident.marks
    if marks.close is None or marks.onset is None:
        return False
    if marks.recover is not None:
        return marks.close < marks.recover
    blame = Blame.of(run, run.twins if twins is None else twins)
    if blame is None:
        breached = first_breach(run, marks.onset, end_of(run) + 1) is not None
        return breached or debts_since(run, marks.onset).left
    return marks.impact is not None or blame.debts(incident.id).left
