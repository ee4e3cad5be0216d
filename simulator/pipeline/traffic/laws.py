"""Laws of the traffic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Burst:
    """A stretch of time in which the base is so many times what the profile says."""

    start: int  # ms
    stop: int
    factor: float
