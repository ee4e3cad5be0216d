"""`time_to_detect`: how long users were harmed before anybody knew."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measured, Twins, slowest


@part
class TimeToDetect(Measured):
    """From the first harm to when a person was told, or the responder declared by itself.

    Detection before any harm is the best there is, and counts as 0 s.
    """

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from impact to detect."""
        return slowest(run, incidents, twins, "impact", "detect")
