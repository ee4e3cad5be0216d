"""Example arguments of parts, for the catalogue and the tests of every part."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from simulator.registry.describe import choices_of, unit_of
from simulator.registry.registry import FreeText, Part, Refers


def example_args(cls: type[Part], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Valid arguments of a part: its `example`, and a value for every other required field.

    Parameters
    ----------
    cls : subclass of Part
    names : mapping of str to sequence of str
        The names in a pipeline, by kind; the first of a kind is used.

    Examples
    --------
    >>> from typing import Annotated
    >>> from simulator.units import Duration
    >>> class Pause(Part):
    ...     job: Annotated[str, Refers("job")]
    ...     length: Duration
    >>> example_args(Pause, {"job": ["train", "fill"]})
    {'job': 'train', 'length': '1h30m'}
    """
    return {
        key: _value(info, names)
        for key, info in cls.model_fields.items()
        if info.is_required() and key not in cls.example
    } | dict(cls.example)


def reference_of(info: FieldInfo) -> Refers | None:
    """The `Refers` of a field, if it has one."""
    return next((mark for mark in info.metadata if isinstance(mark, Refers)), None)


def unknown_name(info: FieldInfo) -> Any:
    """A value for a field with `Refers` that no pipeline has."""
    types = (info.annotation, *get_args(info.annotation))
    number = int in types or unit_of(info) is not None
    name = 99 if number else "nothing"
    return [name] if get_origin(info.annotation) is tuple else name


def _value(info: FieldInfo, names: Mapping[str, Sequence[str]]) -> Any:
    reference, unit, choices = reference_of(info), unit_of(info), choices_of(info.annotation)
    if reference is not None:
        name = names[reference.to][0]
        return [name] if get_origin(info.annotation) is tuple else name
    if FreeText in info.metadata:
        return "as it stands"
    return choices[0] if unit is None else _number(unit.example)


def _number(text: str) -> float | str:
    """An example as in YAML: a number, or a text with a unit."""
    for parse in (int, float):
        try:
            return parse(text)
        except ValueError:
            pass
    return text
