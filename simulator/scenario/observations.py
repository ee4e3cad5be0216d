"""The format of an evaluator's observations of a run, as on an exercise evaluation guide."""

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from simulator.scenario.base import Frozen, Text
from simulator.scenario.rubric import Capability
from simulator.source import Issue, raise_issues
from simulator.units import UnitError, format_value
from simulator.units.quantities import format_ms, parse_ms

_CLOCK = re.compile(r"(?:T\+)?(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")


def _parse_moment(value: object) -> int:
    """A moment of a drill, ms since its start."""
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return 1000 * (3600 * hours + 60 * minutes + seconds)
    try:
        return parse_ms(value)
    except UnitError:
        text = "is not a time since the start of the drill (for example '00:47' or 47m)"
        raise UnitError(f"{format_value(value)} {text}") from None


Moment = Annotated[
    int,
    BeforeValidator(_parse_moment),
    PlainSerializer(format_ms, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "examples": ["00:47", "T+00:47:30", "47m"]}),
]


class ObservationItem(Frozen):
    """What an evaluator saw, and how it rates."""

    time: Moment | None = None
    """When it was, since the start of the drill: `00:47` (hours and minutes), or `47m`."""
    objective: Text | None = None
    """The objective of the exercise that it is about."""
    capability: Capability | None = None
    """The capability that it is about: its rating stands beside the machine's."""
    task: Text | None = None
    """The task that it is about."""
    text: Text
    """The observation: the reason of the rating."""
    rating: Literal["P", "S", "M", "U"] | None = None
    """P performed, S some challenges, M major challenges, U unable to perform."""
    by: Text | None = None
    """Who observed it; by default the file's `by`."""

    @model_validator(mode="after")
    def _rates_something(self) -> Self:
        if self.rating is not None and not (self.capability or self.task or self.objective):
            text = "rates nothing: expected a capability, a task or an objective beside it"
            raise_issues([Issue(("rating",), text)])
        return self


class Observations(Frozen):
    """An evaluator's observations of a run: `drill grade RUN --observe FILE`."""

    observations: Literal[1]
    """The version of this format."""
    by: Text | None = None
    """Who observed, where an item does not say."""
    items: tuple[ObservationItem, ...] = Field(min_length=1)
    """The observations."""

    @model_validator(mode="after")
    def _somebody_observed(self) -> Self:
        raise_issues([
            Issue(("items", number), "expected `by`: who observed it (here, or once for the file)")
            for number, item in enumerate(self.items) if self.by is None and item.by is None
        ])  # fmt: skip
        return self
