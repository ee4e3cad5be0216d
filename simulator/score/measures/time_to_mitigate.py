"""`time_to_mitigate`: how long users were harmed."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measurement, Twins, longest_time_between


@part
class TimeToMitigate(Measure):
    """From the first harm until every objective was back inside and stayed there."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measurement:
        """Seconds from impact to mitigate."""
        return longest_time_between(run, incidents, twins, "impact", "mitigate")
