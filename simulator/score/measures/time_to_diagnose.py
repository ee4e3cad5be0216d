"""`time_to_diagnose`: how long until the correct diagnosis."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measurement, Twins, longest_time_between


@part
class TimeToDiagnose(Measure):
    """From detection to the first correct claim of the cause that was not withdrawn."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measurement:
        """Seconds from detect to diagnose."""
        return longest_time_between(run, incidents, twins, "detect", "diagnose")
