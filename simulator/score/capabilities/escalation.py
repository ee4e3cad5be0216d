"""`escalation`: the right people were called, in time, with the right facts."""

from simulator.analysis.escalation_record import escalation_record
from simulator.registry import part
from simulator.score.capability import Capability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading


@part
class Escalation(Capability):
    """The right people were called, in time, with the right facts and the right severity."""

    measures = ("escalation_quality",)

    def score(self, grading: Grading) -> CapabilityScore:
        """The quality of the escalation; N/A for an automation where nobody was needed."""
        measured = grading.measured("escalation_quality")
        if measured.value is None:
            return CapabilityScore.not_shown(measured.why)
        needed = escalation_record(grading.timeline).needed_teams
        if not needed and self.kind in grading.rubric.rated_if_needed:
            return CapabilityScore.not_shown("nobody was needed")
        return CapabilityScore(measured.value, measured.why)
