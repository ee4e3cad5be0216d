"""`silent_time`: how long the mechanism was broken before anybody knew."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measured, Twins, slowest


@part
class SilentTime(Measured):
    """From the fault's onset to its detection: a slow fault can be silent long before it harms."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from onset to detect."""
        return slowest(run, incidents, twins, "onset", "detect")
