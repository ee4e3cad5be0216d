"""`escalation`: the right people were called, in time, with the right facts."""

from simulator.analysis.escalation_record import escalation_record
from simulator.registry import part
from simulator.score.capability import Capability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading
from simulator.score.measurement import Measurement


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
        return CapabilityScore(measured.value, _weak_parts(measured))


def _weak_parts(measured: Measurement) -> str:
    """The reasons of the parts that are not full; the measure has all of them."""
    reasons = measured.why.split("; ")
    weak = [
        reason
        for (_, value), reason in zip(measured.parts.items(), reasons, strict=True)
        if value is not None and value < 1
    ]
    return "; ".join(weak) or reasons[0].rpartition(": ")[2]
