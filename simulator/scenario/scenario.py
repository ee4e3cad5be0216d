"""A scenario as its author writes it: names and raw arguments, bound to parts by the setting."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

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
from simulator.scenario.injects import Inject
from simulator.scenario.objectives import Objectives
from simulator.scenario.oncall import OnCall
from simulator.scenario.pipeline import Pipeline
from simulator.scenario.playbook import Playbook
from simulator.scenario.rubric import Rubric
from simulator.source import Issue, raise_issues
from simulator.units import Duration, IncidentType, Severity, format_ms

# An hour of wall time; and 0.8 MB a series, of which there are some hundreds.
MOST_TICKS = 5_000_000
MOST_SCRAPES = 100_000


def _version(given: Any) -> Any:
    # Without quotes YAML reads a number, and means the same.
    return str(given) if isinstance(given, float) else given


class Alerting(Frozen):
    """The team's own rule files and routing, in Prometheus' and Alertmanager's formats."""

    rules: tuple[Text, ...]
    """Prometheus rule files."""
    alertmanager: Text
    """An Alertmanager configuration."""
    evaluation_interval: Duration = 30_000
    """How often rules are evaluated; a group's own interval comes first."""
    prometheus: Literal[2, 3] = 3
    """Whose major version's PromQL it is: ranges are closed on the left in 2."""
    alertmanager_version: Annotated[Literal["0.25", "0.34"], BeforeValidator(_version)] = "0.34"
    """Whose Alertmanager it is: in 0.25 an emptied group keeps its timer for up to 30 s."""
    external_labels: Mapping[str, str] = {}
    """What Prometheus adds to every alert that it sends."""


class SeverityFrom(Frozen):
    """The right severity from some moment of an incident on."""

    from_: Duration = Field(alias="from")
    """How long after the incident's start."""
    is_: Severity = Field(alias="is")
    """What it should be declared as from then on."""


class Expect(Frozen):
    """The truth about the incident and what a good answer is: no player can see it."""

    cause: Text | tuple[Text, ...] | None = None
    """The true cause, as `type.fault`, or each of several; absent where nothing is wrong."""
    owner: tuple[Name, ...] = ()
    """The teams that can mend it."""
    inform: tuple[Name, ...] = ()
    """Who must be told."""
    mitigate_within: Duration | None = None
    """The objectives must hold again by then, counted from their first breach."""
    acknowledge_within: Duration | None = None
    """A page must be taken by then, counted from the first breach."""
    recover_within: Duration | None = None
    """Debts must be paid by then too, counted from the first breach."""
    must_page: tuple[Name, ...] = ()
    """Teams that have to be paged."""
    must_not: tuple[Name, ...] = ()
    """Actions that fail the drill (drill catalogue actions)."""
    budget: Mapping[Name, Duration] = {}
    """How long each objective may be breached in all."""
    severity: tuple[SeverityFrom, ...] = ()
    """The right severity over time, earliest first."""

    @field_validator("severity")
    @classmethod
    def _in_order(cls, path: tuple[SeverityFrom, ...]) -> tuple[SeverityFrom, ...]:
        raise_issues([
            Issue((n, "from"), f"given {format_ms(later.from_)!r}, not after the one before it")
            for n, (earlier, later) in enumerate(pairwise(path), 1)
            if later.from_ <= earlier.from_
        ])  # fmt: skip
        return path


class Scenario(Frozen):
    """One drill: a pipeline, what goes wrong with it, what must hold, and what is expected."""

    drill: Literal[1]
    """The version of this format."""
    name: Name
    """What the drill is called."""
    version: Positive = 1
    """Raised when its behaviour changes; baselines name it."""
    title: Text
    """What happens, in one line."""
    type: IncidentType
    """The type of incident."""
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    """How hard it is to answer well."""
    source: str = ""
    """Where the story comes from, and what was changed, and why."""
    starts_at: Instant
    """When it begins, with a zone: schedules, cron and daily traffic follow it."""
    duration: Duration
    """How long it lasts, the warm-up included."""
    tick: Duration = 5_000
    """The grid on which the pipeline moves."""
    warm_up: Duration = 900_000
    """How long it runs before anything counts."""
    history: Duration = 86_400_000
    """How far back rows, labels and series reach at the start."""
    scrape_interval: Duration = 15_000
    """How often metrics are scraped."""
    plays: Name
    """The team that the responder plays."""
    pipeline: Annotated[Named | Annotated[Pipeline, InPlace], ByName]
    """The pipeline: a file, or in place."""
    alerting: Alerting
    """Alert rules and routing."""
    oncall: Annotated[Named | Annotated[OnCall, InPlace], ByName]
    """The teams: a file, or in place."""
    injects: tuple[Inject, ...] = ()
    """What happens: faults, changes and messages."""
    objectives: Objectives
    """What must hold, judged by the truth at every scrape."""
    hold: Duration = 600_000
    """How long the objectives must hold to count as mitigated."""
    expect: Expect = Expect()
    """The truth about the incident and what a good answer is."""
    responder: Annotated[Named | Annotated[Playbook, InPlace], ByName] | None = None
    """Who answers unless `--responder` says otherwise; also the reference."""
    par: Annotated[Named | Annotated[Playbook, InPlace], ByName] | None = None
    """The reference where it is another."""
    rubric: Annotated[Named | Annotated[Rubric, InPlace], ByName] | None = None
    """How the run is graded; the default rubric where it is absent."""

    # Checks of single fields that look at those above them: one wrong field then hides no other.

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
        end = info.data.get("duration")
        given = {number: inject.id for number, inject in enumerate(injects) if inject.id}
        wrongs = duplicates(given, ("id",), "id")
        if end is not None:
            wrongs += [
                wrong
                for number, inject in enumerate(injects)
                for wrong in _after(number, inject, end)
            ]
        raise_issues(wrongs)
        return tuple(_identified(injects, given.values()))

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
        """As long as can be lived and kept, by what is written and by what goes without saying."""
        _divides(self.tick, self.duration, ("duration",))
        _divides(self.tick, self.scrape_interval, ("scrape_interval",))
        span = self.duration + self.history
        for what, grid, most in (
            ("ticks", self.tick, MOST_TICKS),
            ("scrapes", self.scrape_interval, MOST_SCRAPES),
        ):
            if span > most * grid:
                found = f"{-(-span // grid):,} {what} every {format_ms(grid)} with its history"
                raise_issues([Issue(("duration",), f"{found}, expected at most {most:,}")])
        return self


def _divides(tick: int | None, ms: int, path: tuple[str, ...]) -> None:
    if tick and (ms == 0 or ms % tick) and not (ms == 0 and not path):
        expected = f"expected a multiple of the tick ({format_ms(tick)})"
        raise_issues([Issue(path, f"given {format_ms(ms)!r}, {expected}")])


def _after(number: int, inject: Inject, end: int) -> Iterable[Issue]:
    last = f"the drill ends at {format_ms(end)}"
    if inject.at is not None and inject.at >= end:
        yield Issue((number, "at"), f"given {format_ms(inject.at)!r}, but {last}")
    if inject.unless is not None and inject.unless.by >= end:
        yield Issue((number, "unless", "by"), f"given {format_ms(inject.unless.by)!r}, but {last}")


def _identified(injects: Iterable[Inject], taken: Iterable[Any]) -> Iterable[Inject]:
    """Every inject with an id: what it does, then with -2, -3."""
    used, counts = set(taken), Counter[str]()
    for inject in injects:
        if inject.id:
            yield inject
            continue
        while True:
            counts[inject.what] += 1
            number = counts[inject.what]
            name = inject.what if number == 1 else f"{inject.what}-{number}"
            if name not in used:
                break
        used.add(name)
        yield inject.model_copy(update={"id": name})
