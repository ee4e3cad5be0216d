"""`diagnosis`: the cause is named, after somebody looked."""

from simulator.analysis.incident_marks import diagnosis_of
from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.score.capability import IncidentCapability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading
from simulator.score.time_limits import impact_of
from simulator.score.utility import utility
from simulator.units.wording import format_count, hhmm

# What each earlier claim that had nothing of the cause leaves of the score.
WRONG_CLAIM = 0.8


@part
class DiagnosisCapability(IncidentCapability):
    """The cause is named, after somebody looked.

    The utility of the standing claim's time, times its similarity to the true cause, times .8 for
    every earlier claim that had nothing of it. It is no gate for mitigation: most incidents are
    mitigated before they are understood.
    """

    measures = ("time_to_diagnose", "wrong_claims")

    def score_incident(self, grading: Grading, incident: Incident) -> CapabilityScore:
        """The score of one incident."""
        timeline, limits = grading.timeline, grading.time_limits("diagnose", incident)
        if limits is None or timeline.evidence is None:
            return CapabilityScore.not_shown("without the twins nobody knows what a look showed")
        standing = diagnosis_of(timeline, incident.id, timeline.has_evidence)
        if standing is None:
            claimed = bool(timeline.done_times("diagnose"))
            why = "no look showed anything before a claim" if claimed else "no cause was claimed"
            return CapabilityScore(0.0, why, marked=False)
        marks, claim = incident.marks, standing.claim
        start = marks.impact
        if start is None and grading.nobody is not None:
            # Harm that was prevented would have begun when it does with nobody.
            start = impact_of(grading.nobody, incident.id)
        if start is None:
            start = marks.onset or 0
        score = utility(max(0, claim.t - start), limits) * standing.similarity
        why = (
            f"{claim.cause.fault} claimed at {hhmm(claim.t)}, similarity {standing.similarity:.2f}"
        )
        if standing.wrong_before:
            why += f", after {format_count(standing.wrong_before, 'wrong claims')}"
        value = score * WRONG_CLAIM**standing.wrong_before
        return CapabilityScore(value, why, marked=standing.similarity > 0)
