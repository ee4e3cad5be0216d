"""The batch graph in the pipeline's format: jobs, sensors, pools."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.base import Clock, Flag, Frozen, Name, Positive, Text
from simulator.scenario.stage import AnyStage
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Factor, Size, format_ms, format_value
from simulator.units.cron import cron_error

# Schedulers run about once a second.
MIN_INTERVAL_MS = 1000
MAX_RUNS = 1000  # concurrent runs of one job


def _cron(line: str) -> str:
    if error := cron_error(line):
        raise ValueError(f"{format_value(line)}: {error}")
    return line


Cron = Annotated[Text, AfterValidator(_cron)]


class PoolSpec(Frozen):
    """Slots that runs of jobs wait for, and the speed of what they share."""

    slots: Positive
    """The number of slots; a run may take several."""
    full_speed: Positive | None = None
    """The slots in use up to which runs have full speed; above it they share it."""
    owner: Name | None = None
    """The team that can free slots."""


class Sensor(Frozen):
    """How a run waits for its inputs."""

    poke: Duration = 60_000
    """The poke interval."""
    timeout: Duration | None = None
    """The longest wait; after it the run fails, whatever its retries."""
    soft_fail: Flag = False
    """Whether a run that timed out is skipped instead of failed."""
    mode: Literal["poke", "reschedule", "defer"] = "reschedule"
    """Between two pokes it keeps its slot, releases it, or is deferred to the triggerer."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.poke < MIN_INTERVAL_MS:
            text = f"given {format_ms(self.poke)!r}, expected {format_ms(MIN_INTERVAL_MS)} or more"
            raise_issues([Issue(("poke",), text)])
        if self.timeout == 0:
            raise_issues([Issue(("timeout",), "given '0s', expected more")])
        return self


class Job(AnyStage):
    """One job of the batch graph, on a schedule or after other jobs."""

    kind: Literal["job"]
    """The kind of stage."""
    does: Literal["materialize", "label_join", "train", "evaluate", "release"]
    """The work of a run."""
    view: Name | None = None
    """The feature view that it fills (`materialize` only)."""
    every: Duration | None = None
    """The interval of its schedule."""
    daily_at: Clock | None = None
    """The time of day of its schedule, in the pipeline's zone."""
    cron: Cron | None = None
    """Its schedule as a cron line in the pipeline's zone: `30 2 * * MON-FRI`."""
    catch_up: Flag = False
    """Whether missed due times are run later; they are skipped otherwise."""
    at_once: Annotated[Count, Field(le=1000)] = 1
    """The most concurrent runs of its schedule; 0 for any number."""
    duration: Duration
    """The duration of a run."""
    retries: Count = 0
    """The retries of a failed run."""
    retry_delay: Duration = 60_000
    """The wait before a retry."""
    retry_factor: Factor = 1.0
    """The factor from one wait to the next."""
    retry_delay_max: Duration | None = None
    """The longest wait before a retry."""
    timeout: Duration | None = None
    """A longer run is stopped and fails."""
    deadline: Duration | None = None
    """A run is late if it has not ended by this time after its due time."""
    needs: tuple[Name, ...] = ()
    """The stages whose data a run reads."""
    sensor: Sensor | None = None
    """How it waits for the stages it needs; without one it fails if a source has not delivered."""
    pool: Name | None = None
    """The pool whose slots it takes."""
    slots: Positive = 1
    """The slots of a run."""
    priority: Count = 1
    """Waiting runs of higher priority get slots first."""
    volume: Name | None = None
    """The volume that it writes to."""
    writes: Size = 0
    """The space that a run uses while it runs."""
    credential: Name | None = None
    """The credential of a run; credentials expire."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        issues = [*self._schedule_issues(), *self._retry_issues()]
        if (self.does == "materialize") != (self.view is not None):
            text = (
                "is missing: the feature view it fills"
                if self.view is None
                else "only materialize has a view"
            )
            issues.append(Issue(("view",), text))
        if self.sensor is not None and not self.needs:
            issues.append(Issue(("sensor",), "waits for nothing: the job needs no stage's data"))
        if self.writes and self.volume is None:
            issues.append(Issue(("writes",), "stands without volume: where to"))
        if self.slots > 1 and self.pool is None:
            issues.append(Issue(("slots",), "stands without pool: whose they are"))
        raise_issues(issues)
        return self

    @property
    def schedule(self) -> tuple[str, str] | None:
        """Its schedule as written: the key and its value."""
        if self.every is not None:
            return "every", format_ms(self.every)
        if self.daily_at is not None:
            return "daily_at", f"{self.daily_at // 3_600_000:02}:{self.daily_at // 60_000 % 60:02}"
        return None if self.cron is None else ("cron", self.cron)

    def _schedule_issues(self) -> list[Issue]:
        schedules = [key for key in ("every", "daily_at", "cron") if getattr(self, key) is not None]
        issues = [
            Issue((key,), f"stands beside {schedules[0]}; a job has one schedule")
            for key in schedules[1:]
        ]
        if self.every is not None and self.every < MIN_INTERVAL_MS:
            text = f"given {format_ms(self.every)!r}, expected {format_ms(MIN_INTERVAL_MS)} or more"
            issues.append(Issue(("every",), text))
        elif self.every and self.duration > MAX_RUNS * self.every and not self.at_once:
            text = f"given 0: more than {MAX_RUNS} runs of {format_ms(self.duration)}"
            text += " would be under way, expected a number"
            issues.append(Issue(("at_once",), text))
        if self.catch_up and not schedules:
            issues.append(Issue(("catch_up",), "stands without a schedule to catch up with"))
        return issues

    def _retry_issues(self) -> list[Issue]:
        issues, duration = [], format_ms(self.duration)
        if self.timeout is not None and self.timeout <= self.duration:
            text = f"given {format_ms(self.timeout)!r}: no run of {duration} would end"
            issues.append(Issue(("timeout",), text))
        if self.deadline is not None and self.deadline <= self.duration:
            text = f"given {format_ms(self.deadline)!r}: every run of {duration} is late"
            issues.append(Issue(("deadline",), text))
        if self.retry_factor < 1.0:
            issues.append(Issue(("retry_factor",), "expected 1 or more"))
        if self.retry_delay_max is not None and self.retry_delay_max < self.retry_delay:
            text = f"given {format_ms(self.retry_delay_max)!r}, below retry_delay "
            text += f"({format_ms(self.retry_delay)})"
            issues.append(Issue(("retry_delay_max",), text))
        return issues


def never_due(stages: Mapping[str, AnyStage]) -> list[Issue]:
    """Jobs that would never run, since the jobs before them are never due at the same time.

    A run needs the success of all jobs before it for the same due time (see `pipeline.cycles`).
    Any two `every` meet sooner or later; other schedules certainly meet only if they are equal.
    """
    issues = []
    for name, job in stages.items():
        if isinstance(job, Job) and not job.schedule:
            schedules = _schedules(stages, name)
            if len(schedules) > 1 and {key for key, _ in schedules} != {"every"}:
                text = "comes after jobs of several schedules, which need not meet: "
                listed = (f"{key} {value}" for key, value in sorted(schedules))
                issues.append(Issue((name, "after"), text + ", ".join(listed)))
    return issues


def _schedules(stages: Mapping[str, AnyStage], name: str) -> set[tuple[str, str]]:
    """The schedules that start a job: its own, else those of the jobs before it."""
    job = stages[name]
    if not isinstance(job, Job):
        return set()
    if job.schedule:
        return {job.schedule}
    return {schedule for other in job.after for schedule in _schedules(stages, other)}
