"""`documentation`: the incident is written up."""

from simulator.registry import part
from simulator.score.capability import Capability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading


@part
class Documentation(Capability):
    """The incident is written up: completely, as it was, with action items that somebody owns."""

    measures = ("documentation_quality",)

    def score(self, grading: Grading) -> CapabilityScore:
        """The quality of the postmortem; N/A until people have written one."""
        measured = grading.measured("documentation_quality")
        return CapabilityScore(measured.value, measured.why)
