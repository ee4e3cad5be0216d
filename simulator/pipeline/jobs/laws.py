"""Laws of the jobs, their pools and sensors; times in ms."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.units.cron import Cron


@dataclass(frozen=True)
class JobLaw:
    """One job as its team wrote it; times in ms, 0 for none."""

    name: str
    does: str
    duration: int
    every: int = 0
    cron: Cron | None = None
    retries: int = 0
    retry_delay: int = 0
    retry_factor: float = 1.0  # each further wait is so many times the one before
    retry_delay_max: int = 0
    timeout: int = 0
    deadline: int = 0  # from its due time
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    sensor: SensorLaw | None = None
    keys: tuple[str, ...] = ()  # its own, and those of the sources that it reads
    view: str = ""
    build: int = 1
    pool: str = ""
    slots: int = 1
    priority: int = 1
    at_once: int = 1  # runs that may be under way together; 0 for any number
    catch_up: bool = False  # whether every due time gets its run, however late

    @property
    def scheduled(self) -> bool:
        """Whether it starts by itself."""
        return bool(self.every) or self.cron is not None


@dataclass(frozen=True)
class PoolLaw:
    """A pool: `full_speed` slots in use run as fast as one; 0 for any number."""

    name: str
    slots: int
    full_speed: int = 0


@dataclass(frozen=True)
class SensorLaw:
    """How a run waits; times in ms.

    `poke` holds its slot between two looks, `reschedule` gives it back, `defer` leaves the
    looking to the triggerer.
    """

    poke: int
    timeout: int = 0
    soft_fail: bool = False
    mode: str = "reschedule"
