"""Laws of the traffic."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Burst:
    """A span of time in which the base is `factor` times its profile."""

    start: int  # ms
    stop: int
    factor: float
