"""`acknowledgement`: somebody takes the page."""

from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.score.capability import IncidentCapability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading
from simulator.score.time_limits import stated_limits
from simulator.score.utility import TimeLimits, utility


@part
class Acknowledgement(IncidentCapability):
    """Somebody of the played team takes the page soon: the utility of the time that it waited."""

    measures = ("time_to_acknowledge",)

    def score_incident(self, grading: Grading, incident: Incident) -> CapabilityScore:
        """The utility of the time to acknowledge."""
        measured = grading.measured_incident("time_to_acknowledge", incident)
        limits: TimeLimits | None = stated_limits(grading.rubric.time, "acknowledge")
        if measured is None or limits is None:
            return CapabilityScore.not_shown("no page about it reached the played team")
        t = None if measured.value is None else 1000 * measured.value
        return CapabilityScore(utility(t, limits), measured.why, marked=t is not None)
