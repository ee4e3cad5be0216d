"""`silent_time`: how long a fault lasted before its detection."""

from simulator.registry import part
from simulator.score.time_between import TimeBetween


@part
class SilentTime(TimeBetween):
    """From the fault's onset to its detection: a slow fault can be silent long before any harm."""

    start = "onset"
    end = "detect"
