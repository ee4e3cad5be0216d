"""`time_to_detect`: how long users were harmed before the detection."""

from simulator.registry import part
from simulator.score.time_between import TimeBetween


@part
class TimeToDetect(TimeBetween):
    """From the first harm to a page's delivery, or to the responder's own declaration.

    A detection before any harm is the best result and counts as 0 s.
    """

    start = "impact"
    end = "detect"
