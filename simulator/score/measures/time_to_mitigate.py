"""`time_to_mitigate`: how long users were harmed."""

from simulator.registry import part
from simulator.score.time_between import TimeBetween


@part
class TimeToMitigate(TimeBetween):
    """From the first harm until every objective was back inside and stayed there."""

    start = "impact"
    end = "mitigate"
