"""The batch graph as its author writes it: jobs, sensors, pools."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.base import Clock, Flag, Frozen, Name, Positive, Text
from simulator.scenario.stage import AnyStage
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Factor, Size, format_ms, format_value
from simulator.units.cron import cron_error

# Schedulers look about once a second.
MOST_OFTEN_MS = 1000
MOST_RUNS = 1000  # of one job, under way together


def _cron(line: str) -> str:
    if told := cron_error(line):
        raise ValueError(f"{format_value(line)}: {told}")
    return line


Cron = Annotated[Text, AfterValidator(_cron)]


class Pool(Frozen):
    """Slots that runs wait for, and what stands behind them."""

    slots: Positive
    """Runs that it lets through at a time; one may take several."""
    full_speed: Positive | None = None
    """Slots in use at which runs are as fast as alone; more of them share that."""
    owner: Name | None = None
    """The team that can free it."""


class Sensor(Frozen):
    """How a run waits until what it needs is there."""

    poke: Duration = 60_000
    """How often it looks."""
    timeout: Duration | None = None
    """How long it waits at most; then the run has failed, whatever its retries."""
    soft_fail: Flag = False
    """Whether it is skipped then, and not failed."""
    mode: Literal["poke", "reschedule", "defer"] = "reschedule"
    """What it does between two looks: hold its slot, give it back, or leave it to the triggerer."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.poke < MOST_OFTEN_MS:
            text = f"given {format_ms(self.poke)!r}, expected {format_ms(MOST_OFTEN_MS)} or more"
            raise_issues([Issue(("poke",), text)])
        if self.timeout == 0:
            raise_issues([Issue(("timeout",), "given '0s', expected more")])
        return self


class Job(AnyStage):
    """One job of the batch graph, run on a schedule or after others."""

    kind: Literal["job"]
    """What kind of stage it is."""
    does: Literal["materialize", "label_join", "train", "evaluate", "release"]
    """What a run of it does."""
    view: Name | None = None
    """The feature view that it fills (`materialize` only)."""
    every: Duration | None = None
    """How often a run starts."""
    daily_at: Clock | None = None
    """The time of day at which a run starts, in the pipeline's zone."""
    cron: Cron | None = None
    """When a run starts, as a cron line in the pipeline's zone: `30 2 * * MON-FRI`."""
    catch_up: Flag = False
    """Whether every due time gets its run, however late; else what was missed is left out."""
    at_once: Annotated[Count, Field(le=1000)] = 1
    """Runs of its schedule that may be under way together; 0 for any number."""
    duration: Duration
    """How long a run takes."""
    retries: Count = 0
    """How often a failed run is tried again."""
    retry_delay: Duration = 60_000
    """How long it waits before that."""
    retry_factor: Factor = 1.0
    """How many times as long each further wait is as the one before."""
    retry_delay_max: Duration | None = None
    """The longest of these waits."""
    timeout: Duration | None = None
    """A run that takes longer is stopped, and has failed."""
    deadline: Duration | None = None
    """A run that has not ended so long after its due time is late."""
    needs: tuple[Name, ...] = ()
    """Stages whose data a run reads."""
    sensor: Sensor | None = None
    """How it waits for what it needs; without one it fails where a source has not delivered."""
    pool: Name | None = None
    """The pool whose slots it takes."""
    slots: Positive = 1
    """How many of them."""
    priority: Count = 1
    """Of runs that wait for a slot, the highest gets it."""
    volume: Name | None = None
    """The volume that it works on."""
    writes: Size = 0
    """How much of it a run needs for its time."""
    credential: Name | None = None
    """The key a run uses; keys expire."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrongs = [*self._schedules(), *self._attempts()]
        if (self.does == "materialize") != (self.view is not None):
            text = (
                "is missing: the feature view it fills"
                if self.view is None
                else "only materialize has a view"
            )
            wrongs.append(Issue(("view",), text))
        if self.sensor is not None and not self.needs:
            wrongs.append(Issue(("sensor",), "waits for nothing: the job needs no stage's data"))
        if self.writes and self.volume is None:
            wrongs.append(Issue(("writes",), "stands without volume: where to"))
        if self.slots > 1 and self.pool is None:
            wrongs.append(Issue(("slots",), "stands without pool: whose they are"))
        raise_issues(wrongs)
        return self

    @property
    def schedule(self) -> tuple[str, str] | None:
        """When it starts by itself, as written: the key and what it says."""
        if self.every is not None:
            return "every", format_ms(self.every)
        if self.daily_at is not None:
            return "daily_at", f"{self.daily_at // 3_600_000:02}:{self.daily_at // 60_000 % 60:02}"
        return None if self.cron is None else ("cron", self.cron)

    def _schedules(self) -> list[Issue]:
        given = [key for key in ("every", "daily_at", "cron") if getattr(self, key) is not None]
        wrongs = [
            Issue((key,), f"stands beside {given[0]}; a job has one schedule") for key in given[1:]
        ]
        if self.every is not None and self.every < MOST_OFTEN_MS:
            text = f"given {format_ms(self.every)!r}, expected {format_ms(MOST_OFTEN_MS)} or more"
            wrongs.append(Issue(("every",), text))
        elif self.every and self.duration > MOST_RUNS * self.every and not self.at_once:
            text = f"given 0: more than {MOST_RUNS} runs of {format_ms(self.duration)}"
            text += " would be under way, expected a number"
            wrongs.append(Issue(("at_once",), text))
        if self.catch_up and not given:
            wrongs.append(Issue(("catch_up",), "stands without a schedule to catch up with"))
        return wrongs

    def _attempts(self) -> list[Issue]:
        wrongs, duration = [], format_ms(self.duration)
        if self.timeout is not None and self.timeout <= self.duration:
            text = f"given {format_ms(self.timeout)!r}: no run of {duration} would end"
            wrongs.append(Issue(("timeout",), text))
        if self.deadline is not None and self.deadline <= self.duration:
            text = f"given {format_ms(self.deadline)!r}: every run of {duration} is late"
            wrongs.append(Issue(("deadline",), text))
        if self.retry_factor < 1.0:
            wrongs.append(Issue(("retry_factor",), "expected 1 or more"))
        if self.retry_delay_max is not None and self.retry_delay_max < self.retry_delay:
            text = f"given {format_ms(self.retry_delay_max)!r}, below retry_delay "
            text += f"({format_ms(self.retry_delay)})"
            wrongs.append(Issue(("retry_delay_max",), text))
        return wrongs


def unmet(stages: Mapping[str, AnyStage]) -> list[Issue]:
    """Jobs that would never run: what they come after is never due at one time.

    A run needs all that it comes after to have succeeded for the same due time (see
    `pipeline.cycles`). Any two `every` meet sooner or later; of other schedules only equal
    ones are sure to.
    """
    wrongs = []
    for name, job in stages.items():
        if isinstance(job, Job) and not job.schedule:
            given = _schedules(stages, name)
            if len(given) > 1 and {key for key, _ in given} != {"every"}:
                text = "comes after jobs of several schedules, which need not meet: "
                said = (f"{key} {value}" for key, value in sorted(given))
                wrongs.append(Issue((name, "after"), text + ", ".join(said)))
    return wrongs


def _schedules(stages: Mapping[str, AnyStage], name: str) -> set[tuple[str, str]]:
    """The schedules that start a job: its own, else those of what it comes after."""
    job = stages[name]
    if not isinstance(job, Job):
        return set()
    if job.schedule:
        return {job.schedule}
    return {one for other in job.after for one in _schedules(stages, other)}
