"""Shared parts of the formats: frozen models, names, moments and times of day."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Strict,
    Tag,
    WithJsonSchema,
)

from simulator.source import Issue, Key
from simulator.units import UnitError, format_value
from simulator.units.field_docs import Documented


class Frozen(Documented):
    """A part of a format: immutable, without unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        populate_by_name=True,
    )


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


def check_name(text: str) -> str:
    """Return a name as it is.

    Raises
    ------
    ValueError
        If it is not one: names stand in paths of files and of overrides.
    """
    if not _NAME.fullmatch(text):
        meant = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")
        hint = f"; did you mean {meant!r}?" if _NAME.fullmatch(meant) else ""
        expected = "expected letters, digits, '-', '_' and '.', at most 63"
        raise ValueError(f"{format_value(text)} is not a name; {expected}{hint}")
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("is an empty text")
    return text


def _parse_instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    expected = (
        f"{format_value(value)} is not a moment with a zone (for example 2026-03-09T08:00:00-05:00)"
    )
    if not isinstance(value, str):
        raise UnitError(expected)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UnitError(expected) from None
    if moment.tzinfo is None:
        raise UnitError(
            f"{format_value(value)} has no zone; did you mean '{value}Z' or '{value}-05:00'?"
        )
    # Reports and cron read some years before and after a start.
    if not 1970 <= moment.year <= 2200:
        raise UnitError(f"{format_value(value)} is not a moment between the years 1970 and 2200")
    return moment


def _parse_day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise UnitError(f"{format_value(value)} is not a day (for example 2013-04-01)") from None


def _parse_clock(value: object) -> int:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if not match:
        raise UnitError(f"{format_value(value)} is not a time of day (for example '02:00')")
    return (int(match[1]) * 60 + int(match[2])) * 60_000


def _format_clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}"


Name = Annotated[str, AfterValidator(check_name)]
Text = Annotated[str, AfterValidator(_text)]
Flag = Annotated[bool, Strict()]
Positive = Annotated[int, Strict(), Field(ge=1, le=10**9)]

# With a zone, since schedules, cron and daily traffic depend on it.
Instant = Annotated[
    datetime,
    BeforeValidator(_parse_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[
    date, BeforeValidator(_parse_day), WithJsonSchema({"type": "string", "format": "date"})
]
# Milliseconds since midnight, local time.
Clock = Annotated[
    int,
    BeforeValidator(_parse_clock),
    PlainSerializer(_format_clock, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]

# A file name, or the content in place: pydantic then reports errors of one of them only.
Named = Annotated[Text, Tag("(name)")]
InPlace = Tag("(in place)")


def _branch(value: Any) -> str:
    return "(name)" if isinstance(value, str) else "(in place)"


ByName = Discriminator(_branch)


def require_one(model: BaseModel, keys: tuple[str, ...]) -> None:
    """Require exactly one of some keys of a model.

    Raises
    ------
    ValueError
        With the keys that it has.
    """
    present = [key for key in keys if getattr(model, key) is not None]
    if len(present) != 1:
        expected = f"{', '.join(keys[:-1])} and {keys[-1]}"
        raise ValueError(f"expected one of {expected}; given {' and '.join(present) or 'none'}")


def duplicates(names: Mapping[int, str], path: tuple[Key, ...], noun: str) -> list[Issue]:
    """An issue for every repeated name in a list.

    Parameters
    ----------
    names : mapping of int to str
        Names by the number of their entry.
    path : path
        From an entry to its name.

    Examples
    --------
    >>> duplicates({0: "ana", 2: "ana"}, (), "member")[0].text
    "member 'ana' is also that of entry [0]"
    """
    seen: dict[str, int] = {}
    issues = []
    for number, name in names.items():
        if seen.setdefault(name, number) != number:
            text = f"{noun} {name!r} is also that of entry [{seen[name]}]"
            issues.append(Issue((number, *path), text))
    return issues
