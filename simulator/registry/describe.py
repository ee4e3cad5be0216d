"""What the catalogue prints of a part: its docstring, and its fields with their units."""

import inspect
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulator.units import (
    DURATION,
    FLOW,
    RATE,
    SIZE,
    Unit,
    format_bytes,
    format_flow,
    format_ms,
    format_rate,
)


class Described(NamedTuple):
    """One field of a part, as the catalogue prints it."""

    name: str
    type: str
    unit: str
    default: str
    about: str

    @property
    def said(self) -> str:
        """What is written there, and in which unit where one does not write it."""
        written = self.unit in _SAY or self.unit in self.type or self.unit == "count"
        return self.type if written or not self.unit else f"{self.type} ({self.unit})"


class Entry(NamedTuple):
    """One part, as the catalogue prints it."""

    name: str
    about: str
    facts: Mapping[str, str]
    fields: tuple[Described, ...]


def describe(cls: type[BaseModel]) -> Entry:
    """What the catalogue prints of a part, from its docstring and its fields.

    Examples
    --------
    >>> from pydantic import Field
    >>> from simulator.registry import Part
    >>> from simulator.units import Duration
    >>> class Slow(Part):
    ...     '''A dependency answers late. More of it here.'''
    ...     by: Duration = Field(300, description="How much later.")
    >>> describe(Slow).about, describe(Slow).fields[0][1:]
    ('A dependency answers late.', ('a duration', 'ms', '300ms', 'How much later.'))
    """
    facts: Mapping[str, str] = getattr(cls, "facts", dict)()
    beside = getattr(cls, "beside", ())
    fields = tuple(
        _field(name, info) for name, info in cls.model_fields.items() if name not in beside
    )
    return Entry(getattr(cls, "kind", "") or cls.__name__, first_sentence(cls), facts, fields)


def first_sentence(cls: type[Any]) -> str:
    """The first sentence of a class's docstring."""
    text = " ".join((inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0]).split())
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def _field(name: str, info: FieldInfo) -> Described:
    found, several = unit_of(info), get_origin(info.annotation) is tuple
    return Described(
        info.alias or name,
        found.noun if found and not several else _type_name(info.annotation),
        found.base if found else "",
        "" if info.is_required() else _default(info, found),
        " ".join((info.description or "").split()),
    )


def unit_of(info: FieldInfo) -> Unit | None:
    """The unit of a field's number, also where it may be absent (`Duration | None`)."""
    stack: list[Any] = [*info.metadata, info.annotation]
    while stack:
        thing = stack.pop(0)
        if isinstance(thing, Unit):
            return thing
        stack += [*getattr(thing, "__metadata__", ()), *get_args(thing)]
    return None


def choices_of(annotation: Any) -> list[str]:
    """The texts that a field takes, of an enum or a Literal; empty if any will do."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return [choice for choice in get_args(annotation) if isinstance(choice, str)]


WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _type_name(annotation: Any) -> str:
    """A type as a person says it.

    Examples
    --------
    >>> _type_name(tuple[int, ...] | None), _type_name(Mapping[str, Any] | str)
    ('a list of whole numbers', 'a map or text')
    """
    args, origin = get_args(annotation), get_origin(annotation)
    if choices := choices_of(annotation):
        return " | ".join(choices)
    if origin in (Union, types.UnionType):
        return " or ".join(_type_name(one) for one in args if one is not type(None))
    if origin is tuple:
        each = _type_name(args[0])
        each = each.removeprefix("a ")
        return f"a list of {each if each == 'text' else each + 's'}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "a map"
    if origin is not None:  # Annotated
        return _type_name(args[0])
    return WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


_SAY = {
    DURATION.unit.base: format_ms,
    SIZE.unit.base: format_bytes,
    RATE.unit.base: format_rate,
    FLOW.unit.base: format_flow,
}


def _default(info: FieldInfo, found: Unit | None) -> str:
    value = info.get_default(call_default_factory=False)
    say: Any = _SAY.get(found.base) if found else None
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return say(value) if say else str(value)
