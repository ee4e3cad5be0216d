"""`time_to_mitigate`: how long users were harmed."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measured, Twins, slowest


@part
class TimeToMitigate(Measured):
    """From the first harm to when every objective was back inside, and stayed there."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from impact to mitigate."""
        return slowest(run, incidents, twins, "impact", "mitigate")
