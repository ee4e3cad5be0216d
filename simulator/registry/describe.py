"""Descriptions of parts for the catalogue: the docstring, and the fields with their units."""

import inspect
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulator import units
from simulator.units.field_docs import field_docs


class FieldDescription(NamedTuple):
    """One field of a part in the catalogue."""

    name: str
    type: str
    unit: str
    default: str
    about: str

    @property
    def type_and_unit(self) -> str:
        """The type, with the unit if it is not part of the written value."""
        written = self.unit in _FORMATS or self.unit in self.type or self.unit == "count"
        return self.type if written or not self.unit else f"{self.type} ({self.unit})"


class PartDescription(NamedTuple):
    """One part in the catalogue."""

    name: str
    about: str
    facts: Mapping[str, str]
    fields: tuple[FieldDescription, ...]


def describe(cls: type[BaseModel]) -> PartDescription:
    """A part's description, from its docstring and its fields.

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
    outside_args = getattr(cls, "outside_args", ())
    # What every use needs comes first, before optional arguments that a base may bring.
    described = sorted(cls.model_fields.items(), key=lambda item: not item[1].is_required())
    docs = field_docs(cls)
    fields = tuple(
        _field(name, info, docs.get(name, ""))
        for name, info in described
        if name not in outside_args
    )
    name = getattr(cls, "kind", "") or cls.__name__
    return PartDescription(name, first_sentence(cls), facts, fields)


def first_sentence(cls: type[Any]) -> str:
    """The first sentence of a class's docstring."""
    text = " ".join((inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0]).split())
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def _field(name: str, info: FieldInfo, doc: str) -> FieldDescription:
    unit, several = unit_of(info), get_origin(info.annotation) is tuple
    return FieldDescription(
        info.alias or name,
        unit.noun if unit and not several else _type_name(info.annotation),
        unit.base if unit else "",
        "" if info.is_required() else _default(info, unit),
        " ".join(doc.split()),
    )


def unit_of(info: FieldInfo) -> units.Unit | None:
    """The unit of a field's number, also of an optional field (`Duration | None`)."""
    stack: list[Any] = [*info.metadata, info.annotation]
    while stack:
        annotation = stack.pop(0)
        if isinstance(annotation, units.Unit):
            return annotation
        stack += [*getattr(annotation, "__metadata__", ()), *get_args(annotation)]
    return None


def choices_of(annotation: Any) -> list[str]:
    """The values of an enum or a Literal; empty for other types."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return [choice for choice in get_args(annotation) if isinstance(choice, str)]


TYPE_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _type_name(annotation: Any) -> str:
    """A type in plain words.

    Examples
    --------
    >>> _type_name(tuple[int | str, ...] | None), _type_name(Mapping[str, Any] | str)
    ('a list of whole numbers or text', 'a map or text')
    """
    args, origin = get_args(annotation), get_origin(annotation)
    if choices := choices_of(annotation):
        return " | ".join(choices)
    if origin in (Union, types.UnionType):
        return " or ".join(_type_name(branch) for branch in args if branch is not type(None))
    if origin is tuple:
        items = [item.removeprefix("a ") for item in _type_name(args[0]).split(" or ")]
        return f"a list of {' or '.join(i if i == 'text' else i + 's' for i in items)}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "a map"
    if origin is not None:  # Annotated
        return _type_name(args[0])
    return TYPE_NAMES.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


_FORMATS = {
    units.DURATION.unit.base: units.format_ms,
    units.SIZE.unit.base: units.format_bytes,
    units.RATE.unit.base: units.format_rate,
    units.FLOW.unit.base: units.format_flow,
}


def _default(info: FieldInfo, unit: units.Unit | None) -> str:
    value = info.get_default(call_default_factory=False)
    format_text: Any = _FORMATS.get(unit.base) if unit else None
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return format_text(value) if format_text else str(value)
