"""`communication`: those who wait are told, in time and truly."""

from simulator.registry import part
from simulator.score.capability import Capability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading


@part
class Communication(Capability):
    """Those who wait are told in time, often enough and truly."""

    measures = ("update_quality",)

    def score(self, grading: Grading) -> CapabilityScore:
        """The quality of the updates; its mark is the first one."""
        measured = grading.measured("update_quality")
        marked = None if measured.value is None else bool(measured.events)
        return CapabilityScore(measured.value, measured.why, marked=marked)
