"""`recovery`: what the incident left behind is put right before it is closed."""

from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.run.events import DebtEvent
from simulator.score.capability import IncidentCapability
from simulator.score.capability_score import CapabilityScore
from simulator.score.endings import closed_early
from simulator.score.grading import Grading
from simulator.score.time_limits import impact_of
from simulator.score.utility import utility
from simulator.units.wording import hhmm

EARLY_CLOSE = 0.5


@part
class Recovery(IncidentCapability):
    """What the incident left behind is put right before it is closed.

    The utility of the time to recover, times the share of the debts that are paid at the end, times
    a half for a close that came too early.
    """

    measures = ("time_to_recover", "reopenings")

    def score_incident(self, grading: Grading, incident: Incident) -> CapabilityScore:
        """The score of one incident; the debts are those of the whole run."""
        timeline, limits = grading.timeline, grading.time_limits("recover", incident)
        if limits is None or not timeline.attribution.has_twins:
            return CapabilityScore.not_shown("it needs the twins")
        marks, owed = incident.marks, unpaid_share(grading, incident)
        harmful = grading.nobody is not None and impact_of(grading.nobody, incident.id) is not None
        if marks.impact is None and not harmful and owed is None:
            return CapabilityScore.not_shown("there was nothing to recover from")
        measured = grading.measured_incident("time_to_recover", incident)
        took: int | None = 0
        if marks.impact is not None:
            took = None if marks.recover is None else max(0, marks.recover - marks.impact)
        why = [measured.why if measured else "no harm came"]
        value = utility(took, limits) * (1 - (owed or 0.0))
        if owed:
            why.append(f"{owed:.0%} of the debts were never paid")
        if marks.close is not None and closed_early(timeline, incident):
            value *= EARLY_CLOSE
            why.append(f"closed too early, at {hhmm(marks.close)}")
        reopened = grading.measured("reopenings")
        major = (reopened.why,) if reopened.value else ()
        return CapabilityScore(value, "; ".join(why), marked=took is not None, major=major)


def unpaid_share(grading: Grading, incident: Incident) -> float | None:
    """The share of the debts since an onset that are owed at the end; None without any."""
    state = {
        event.name: event.state
        for event in grading.timeline.run.of(DebtEvent)
        if event.t >= (incident.marks.onset or 0)
    }
    if not state:
        return None
    return sum(value == "owed" for value in state.values()) / len(state)
