"""`time_to_diagnose`: how long until the correct diagnosis."""

from simulator.registry import part
from simulator.score.time_between import TimeBetween


@part
class TimeToDiagnose(TimeBetween):
    """From detection to the first correct claim of the cause that was not withdrawn."""

    start = "detect"
    end = "diagnose"
