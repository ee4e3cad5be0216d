"""`conformance`: the playbook was followed."""

from simulator.registry import part
from simulator.score.capability import Capability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading


@part
class Conformance(Capability):
    """The drill's playbook was followed.

    It weighs little: a better way than the playbook must not lose; it is a proposal for the next
    version of the playbook.
    """

    measures = ("playbook_conformance",)

    def score(self, grading: Grading) -> CapabilityScore:
        """The fitness of the alignment."""
        measured = grading.measured("playbook_conformance")
        return CapabilityScore(measured.value, measured.why)
