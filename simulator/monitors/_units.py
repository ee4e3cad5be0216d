"""Units of the detectors' arguments."""

from typing import Annotated

from pydantic import Field, Strict

from simulator.units import Unit
from simulator.units.types import number_field

SIGMAS = Unit("standard errors", "a number of standard errors above 0", "3")
Sigmas = Annotated[float, *number_field(SIGMAS, gt=0, le=1e6)]
DISTANCE = Unit("units of the column", "a distance, 0 or more", "50")
Distance = Annotated[float, *number_field(DISTANCE, ge=0, le=1e12)]
Rows = Annotated[int, Strict(), Field(ge=1, le=10**6), Unit("values", "a number of values", "30")]
Seed = Annotated[int, Strict(), Field(ge=0, le=2**31), Unit("seed", "a whole number", "1")]
LEVELS = Unit("levels", "a number of levels", "5")
LevelCount = Annotated[int, Strict(), Field(ge=1, le=50), LEVELS]
