"""Laws of jobs, pools and sensors; times in ms, 0 for none."""

from dataclasses import dataclass

from simulator.units.cron import Cron


@dataclass(frozen=True)
class SensorLaw:
    """How a run waits for its data.

    Mode `poke` holds the slot between two checks, `reschedule` releases it, `defer` leaves the
    checks to the triggerer.
    """

    poke: int
    timeout: int = 0
    soft_fail: bool = False
    mode: str = "reschedule"


@dataclass(frozen=True)
class JobLaw:
    """A job as its team configured it."""

    name: str
    does: str
    duration: int
    every: int = 0
    cron: Cron | None = None
    retries: int = 0
    retry_delay: int = 0
    retry_factor: float = 1.0  # exponential back-off: each delay over the one before
    retry_delay_max: int = 0
    timeout: int = 0
    deadline: int = 0  # from its due time
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    sensor: SensorLaw | None = None
    keys: tuple[str, ...] = ()  # credentials: its own and those of the sources it reads
    view: str = ""
    build: int = 1
    pool: str = ""
    slots: int = 1
    priority: int = 1
    at_once: int = 1  # runs that may be active together; 0 for any number
    catch_up: bool = False  # every due time gets its run, however late

    @property
    def scheduled(self) -> bool:
        """Whether it has a schedule."""
        return bool(self.every) or self.cron is not None


@dataclass(frozen=True)
class PoolLaw:
    """A pool: up to `full_speed` used slots, runs do not slow each other; 0 for any number."""

    name: str
    slots: int
    full_speed: int = 0
