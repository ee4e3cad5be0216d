"""`time_to_detect`: how long users were harmed before the detection."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measurement, Twins, longest_time_between


@part
class TimeToDetect(Measure):
    """From the first harm to a page's delivery, or to the responder's own declaration.

    A detection before any harm is the best result and counts as 0 s.
    """

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measurement:
        """Seconds from impact to detect."""
        return longest_time_between(run, incidents, twins, "impact", "detect")
