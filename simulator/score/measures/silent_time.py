"""`silent_time`: how long a fault lasted before its detection."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measurement, Twins, longest_time_between


@part
class SilentTime(Measure):
    """From the fault's onset to its detection: a slow fault can be silent long before any harm."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measurement:
        """Seconds from onset to detect."""
        return longest_time_between(run, incidents, twins, "onset", "detect")
