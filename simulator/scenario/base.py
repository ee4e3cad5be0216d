"""What every format shares: frozen models, names, and moments as people write them."""

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


class Frozen(BaseModel):
    """A part of a format: never changed, no key beyond those it names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        expected = "expected letters, digits, '-', '_' and '.', at most 63"
        raise ValueError(f"{format_value(text)} is not a name; {expected}")
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("is an empty text")
    return text


def _instant(given: object) -> datetime:
    if isinstance(given, datetime):
        return given
    expected = (
        f"{format_value(given)} is not a moment with a zone (for example 2026-03-09T08:00:00-05:00)"
    )
    if not isinstance(given, str):
        raise UnitError(expected)
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise UnitError(expected) from None
    if found.tzinfo is None:
        raise UnitError(
            f"{format_value(given)} has no zone; did you mean '{given}Z' or '{given}-05:00'?"
        )
    # Reports and cron look some years ahead and back of a start.
    if not 1970 <= found.year <= 2200:
        raise UnitError(f"{format_value(given)} is not a moment between the years 1970 and 2200")
    return found


def _day(given: object) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise UnitError(f"{format_value(given)} is not a day (for example 2013-04-01)") from None


def _clock(given: object) -> int:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", given) if isinstance(given, str) else None
    if not found:
        raise UnitError(f"{format_value(given)} is not a time of day (for example '02:00')")
    return (int(found[1]) * 60 + int(found[2])) * 60_000


def _say_clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}"


Name = Annotated[str, AfterValidator(_name)]
Text = Annotated[str, AfterValidator(_text)]
Flag = Annotated[bool, Strict()]
Positive = Annotated[int, Strict(), Field(ge=1, le=10**9)]

# Written with a zone, since schedules, cron and daily traffic depend on it.
Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
# Milliseconds since midnight, where the drill is.
Clock = Annotated[
    int,
    BeforeValidator(_clock),
    PlainSerializer(_say_clock, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]

# A name of a file, or the thing itself in place: pydantic then reports on one of them only.
Named = Annotated[Text, Tag("(name)")]
InPlace = Tag("(in place)")


def _branch(given: Any) -> str:
    return "(name)" if isinstance(given, str) else "(in place)"


ByName = Discriminator(_branch)


def duplicates(names: Mapping[int, str], path: tuple[Key, ...], noun: str) -> list[Issue]:
    """A complaint for every name that a list has a second time.

    Parameters
    ----------
    names : mapping of int to str
        The names by the number of their entry.
    path : path
        From an entry to its name.

    Examples
    --------
    >>> duplicates({0: "ana", 2: "ana"}, (), "member")[0].text
    "member 'ana' is also that of entry [0]"
    """
    seen: dict[str, int] = {}
    wrongs = []
    for number, name in names.items():
        if seen.setdefault(name, number) != number:
            text = f"{noun} {name!r} is also that of entry [{seen[name]}]"
            wrongs.append(Issue((number, *path), text))
    return wrongs
