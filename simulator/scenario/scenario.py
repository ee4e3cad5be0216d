"""The format of scenarios: names and raw arguments, which the setting binds to parts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ValidationInfo, field_validator, model_validator

from simulator.scenario.base import (
    ByName,
    Frozen,
    InPlace,
    Instant,
    Name,
    Named,
    Positive,
    Text,
    duplicates,
)
from simulator.scenario.expect import Expect
from simulator.scenario.inject_times import timing_issues
from simulator.scenario.injects import Inject
from simulator.scenario.objectives import Objectives
from simulator.scenario.oncall import OnCall
from simulator.scenario.pipeline import Pipeline
from simulator.scenario.playbook import Playbook
from simulator.scenario.rubric import Rubric
from simulator.source import Issue, raise_issues
from simulator.units import Duration, IncidentType, format_ms

# An hour of wall time; 0.8 MB for each of some hundreds of series.
MAX_TICKS = 5_000_000
MAX_SCRAPES = 100_000


def _parse_version(value: Any) -> Any:
    # Without quotes YAML reads a number.
    return str(value) if isinstance(value, float) else value


class Alerting(Frozen):
    """The team's own rule files and routing, in Prometheus' and Alertmanager's formats."""

    rules: tuple[Text, ...]
    """Prometheus rule files."""
    alertmanager: Text
    """An Alertmanager configuration."""
    evaluation_interval: Duration = 30_000
    """The evaluation interval of rules; a group's own interval takes precedence."""
    prometheus: Literal[2, 3] = 3
    """The major version of Prometheus: in 2 ranges are closed on the left."""
    alertmanager_version: Annotated[Literal["0.25", "0.34"], BeforeValidator(_parse_version)] = (
        "0.34"
    )
    """The version of Alertmanager: in 0.25 an empty group keeps its timer for up to 30 s."""
    external_labels: Mapping[str, str] = {}
    """The external labels of every alert that is sent."""


class Scenario(Frozen):
    """One drill: a pipeline, its faults, its objectives, and the expected response."""

    drill: Literal[1]
    """The version of this format."""
    name: Name
    """The drill's name."""
    version: Positive = 1
    """Raised when its behaviour changes; baselines name it."""
    title: Text
    """The story in one line."""
    type: IncidentType
    """The type of incident."""
    family: Name | None = None
    """The drills that begin with the same alert: no fixed list of orders may pass them all."""
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    """The difficulty of a good answer."""
    source: str = ""
    """The source of the story, with changes and reasons."""
    starts_at: Instant
    """Its start, with a zone: schedules, cron and daily traffic follow it."""
    duration: Duration
    """Its duration, with the warm-up."""
    tick: Duration = 5_000
    """The time step of the pipeline."""
    warm_up: Duration = 900_000
    """The time before anything counts."""
    history: Duration = 86_400_000
    """The length of the history of rows, labels and series at the start."""
    scrape_interval: Duration = 15_000
    """The scrape interval."""
    plays: Name
    """The team that the responder plays."""
    pipeline: Annotated[Named | Annotated[Pipeline, InPlace], ByName]
    """The pipeline: a file, or in place."""
    alerting: Alerting
    """Alert rules and routing."""
    oncall: Annotated[Named | Annotated[OnCall, InPlace], ByName]
    """The teams: a file, or in place."""
    injects: tuple[Inject, ...] = ()
    """The faults, changes and messages."""
    objectives: Objectives
    """The objectives, evaluated on the truth at every scrape."""
    hold: Duration = 600_000
    """How long the objectives must hold to count as mitigated."""
    expect: Expect = Expect()
    """The truth about the incident, and a good answer."""
    responder: Annotated[Named | Annotated[Playbook, InPlace], ByName] | None = None
    """The playbook of the default responder, also the reference."""
    par: Annotated[Named | Annotated[Playbook, InPlace], ByName] | None = None
    """The reference, if it is another playbook."""
    rubric: Annotated[Named | Annotated[Rubric, InPlace], ByName] | None = None
    """The rubric; by default the default rubric."""

    # Validators of single fields read the fields above: an invalid field hides no other error.

    @field_validator("duration", "tick", "scrape_interval")
    @classmethod
    def _positive(cls, ms: int) -> int:
        if ms <= 0:
            raise ValueError("given '0s', expected more")
        return ms

    @field_validator("warm_up", "scrape_interval")
    @classmethod
    def _on_grid(cls, ms: int, info: ValidationInfo) -> int:
        _divides(info.data.get("tick"), ms, ())
        return ms

    @field_validator("warm_up")
    @classmethod
    def _before_end(cls, ms: int, info: ValidationInfo) -> int:
        end = info.data.get("duration")
        if end is not None and ms >= end:
            raise ValueError(
                f"given {format_ms(ms)!r}, expected less than the duration ({format_ms(end)})"
            )
        return ms

    @field_validator("alerting")
    @classmethod
    def _rules_on_grid(cls, alerting: Alerting, info: ValidationInfo) -> Alerting:
        _divides(info.data.get("tick"), alerting.evaluation_interval, ("evaluation_interval",))
        return alerting

    @field_validator("injects")
    @classmethod
    def _with_ids(cls, injects: tuple[Inject, ...], info: ValidationInfo) -> tuple[Inject, ...]:
        end, warm_up = info.data.get("duration"), info.data.get("warm_up", 0)
        ids = {number: inject.id for number, inject in enumerate(injects) if inject.id}
        issues = duplicates(ids, ("id",), "id")
        if end is not None:
            issues += timing_issues(injects, warm_up, end)
        raise_issues(issues)
        return tuple(_with_default_ids(injects, ids.values()))

    @field_validator("hold")
    @classmethod
    def _hold_fits(cls, ms: int, info: ValidationInfo) -> int:
        end = info.data.get("duration")
        if end is not None and ms >= end:
            raise ValueError(
                f"given {format_ms(ms)!r}, expected less than the duration ({format_ms(end)})"
            )
        return ms

    @model_validator(mode="after")
    def _bearable(self) -> Self:
        """Not too long, with the defaults of fields that are not set."""
        _divides(self.tick, self.duration, ("duration",))
        _divides(self.tick, self.scrape_interval, ("scrape_interval",))
        span = self.duration + self.history
        for noun, grid, maximum in (
            ("ticks", self.tick, MAX_TICKS),
            ("scrapes", self.scrape_interval, MAX_SCRAPES),
        ):
            if span > maximum * grid:
                count = f"{-(-span // grid):,} {noun} every {format_ms(grid)} with its history"
                raise_issues([Issue(("duration",), f"{count}, expected at most {maximum:,}")])
        return self


def _divides(tick: int | None, ms: int, path: tuple[str, ...]) -> None:
    if tick and (ms == 0 or ms % tick) and not (ms == 0 and not path):
        expected = f"expected a multiple of the tick ({format_ms(tick)})"
        raise_issues([Issue(path, f"given {format_ms(ms)!r}, {expected}")])


def _with_default_ids(injects: Iterable[Inject], taken: Iterable[Any]) -> Iterable[Inject]:
    """Every inject with an id: by default its fault or change, then with -2, -3."""
    used, counts = set(taken), Counter[str]()
    for inject in injects:
        if inject.id:
            yield inject
            continue
        while True:
            counts[inject.part_name] += 1
            number = counts[inject.part_name]
            name = inject.part_name if number == 1 else f"{inject.part_name}-{number}"
            if name not in used:
                break
        used.add(name)
        yield inject.model_copy(update={"id": name})
