"""What the catalogue prints of a part: its docstring, and its fields with their units."""

import inspect
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulator.units import DURATION, FLOW, RATE, SIZE, Unit, say_bytes, say_flow, say_ms, say_rate


class Described(NamedTuple):
    """One field of a part, as the catalogue prints it."""

    name: str
    type: str
    unit: str
    default: str
    about: str


class Entry(NamedTuple):
    """One part, as the catalogue prints it."""

    name: str
    about: str
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
    >>> describe(Slow).about, describe(Slow).fields[0][2:]
    ('A dependency answers late.', ('ms', '300ms', 'How much later.'))
    """
    fields = tuple(_field(name, info) for name, info in cls.model_fields.items())
    return Entry(getattr(cls, "kind", "") or cls.__name__, first_sentence(cls), fields)


def first_sentence(cls: type[Any]) -> str:
    """The first sentence of a class's docstring."""
    text = " ".join((inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0]).split())
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def _field(name: str, info: FieldInfo) -> Described:
    found = unit_of(info)
    return Described(
        info.alias or name,
        found.noun if found else _type_name(info.annotation),
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


def _type_name(annotation: Any) -> str:
    choices = [choice for choice in get_args(annotation) if isinstance(choice, str)]
    if choices:
        return " | ".join(choices)
    if isinstance(annotation, type) and not get_args(annotation):
        return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(
            annotation, annotation.__name__
        )
    return str(annotation).replace("typing.", "").replace("NoneType", "None")


_SAY = {
    DURATION.unit.base: say_ms,
    SIZE.unit.base: say_bytes,
    RATE.unit.base: say_rate,
    FLOW.unit.base: say_flow,
}


def _default(info: FieldInfo, found: Unit | None) -> str:
    value = info.get_default(call_default_factory=False)
    say: Any = _SAY.get(found.base) if found else None
    if value is None or value in ("", ()):
        return "none"
    return say(value) if say else str(value)
