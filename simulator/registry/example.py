"""Example arguments of parts, for the catalogue and for the tests of every part."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from simulator.registry.describe import choices_of, unit_of
from simulator.registry.parts import FreeText, Part, Refers


def example_args(cls: type[Part], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Arguments with which a part works: its `example`, and a value of each other required field.

    Parameters
    ----------
    cls : subclass of Part
    names : mapping of str to sequence of str
        The names that exist in a pipeline, by kind; of each kind the first is used.

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
    """The mark of a field that names something."""
    return next((mark for mark in info.metadata if isinstance(mark, Refers)), None)


def unknown_name(info: FieldInfo) -> Any:
    """A value of a field that names something, of which no pipeline has anything."""
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
    """An example as it is written in YAML: a number, else text with a unit."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            pass
    return text
