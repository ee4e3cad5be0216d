"""`time_to_diagnose`: how long until the cause was known."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measured, Twins, slowest


@part
class TimeToDiagnose(Measured):
    """From detection to the first correct claim of the cause that was not withdrawn."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from detect to diagnose."""
        return slowest(run, incidents, twins, "detect", "diagnose")
