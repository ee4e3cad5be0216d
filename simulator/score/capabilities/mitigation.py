"""`mitigation`: the harm is avoided, and soon."""

import math

from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.score.capability import IncidentCapability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading
from simulator.score.time_limits import impact_of
from simulator.score.utility import utility


@part
class Mitigation(IncidentCapability):
    """The harm is avoided, and soon.

    The square root of the harm avoided times the utility of the time to mitigate. Harm that nobody
    has in this run but nobody's run has was prevented: full marks.
    """

    measures = ("harm_avoided", "time_to_mitigate")

    def score_incident(self, grading: Grading, incident: Incident) -> CapabilityScore:
        """The score of one incident; the harm avoided is that of the whole run."""
        avoided = grading.measured("harm_avoided")
        limits = grading.time_limits("mitigate", incident)
        if avoided.value is None or limits is None:
            return CapabilityScore.not_shown(avoided.why)
        marks = incident.marks
        if marks.impact is None:
            if grading.nobody is None or impact_of(grading.nobody, incident.id) is None:
                return CapabilityScore.not_shown("it did no harm, whoever answered")
            return CapabilityScore(math.sqrt(avoided.value), "its harm was prevented", marked=True)
        took = None if marks.mitigate is None else marks.mitigate - marks.impact
        measured = grading.measured_incident("time_to_mitigate", incident)
        why = f"{measured.why if measured else ''}; {avoided.why}"
        score = math.sqrt(avoided.value * utility(took, limits))
        return CapabilityScore(score, why, marked=took is not None)
