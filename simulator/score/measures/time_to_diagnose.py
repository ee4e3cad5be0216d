"""`time_to_diagnose`: how long until the correct diagnosis."""

from typing import ClassVar

from simulator.registry import part
from simulator.score.measure import TimeBetween


@part
class TimeToDiagnose(TimeBetween):
    """From detection to the first correct claim of the cause that was not withdrawn."""

    start: ClassVar[str] = "detect"
    end: ClassVar[str] = "diagnose"
