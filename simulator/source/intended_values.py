"""What was probably meant by a value of another type: a list without brackets, a bare name."""

from typing import Any, get_args, get_origin

from simulator.source.model_types import models_of
from simulator.units import intended_number

# A longer value is not repeated.
_LENGTH_MAX = 40


def intended_value(kind: str, value: object, types: list[Any]) -> str:
    """The end of a message about a value of a wrong type: `; did you mean [ana]?`, or nothing.

    A model's own `meant_by` knows the map that is meant by a plain value.

    Parameters
    ----------
    kind : str
        Pydantic's type of the error.
    types : list of types
        Those that the value may have.

    Examples
    --------
    >>> intended_value("tuple_type", "ana", [tuple[str, ...]])
    '; did you mean [ana]?'
    >>> intended_value("int_type", "4", [int])
    '; did you mean 4?'
    >>> intended_value("mapping_type", [{"name": "ana", "zone": "UTC"}], [dict[str, str]])
    '; did you mean {ana: …}?'
    """
    if kind in ("list_type", "tuple_type"):
        meant = _intended_list(value, types)
    elif kind in ("model_type", "model_attributes_type"):
        meant = _intended_map(value, types)
    elif kind in ("dict_type", "mapping_type"):
        meant = _intended_names(value)
    else:
        meant = _intended_number(kind, value)
    return f"; did you mean {meant}?" if 0 < len(meant) <= _LENGTH_MAX else ""


def _intended_number(kind: str, value: object) -> str:
    """A number in quotes, or a percentage, where a plain number is expected."""
    number = intended_number(value) if isinstance(value, str) else ""
    fits = kind == "float_type" or (kind == "int_type" and number.removeprefix("-").isdecimal())
    return number if fits else ""


def _intended_list(value: object, types: list[Any]) -> str:
    entries = [get_args(kind)[0] for kind in types if get_origin(kind) in (list, tuple)]
    entry = value if isinstance(value, str) and value.isprintable() else ""
    if entries and models_of(entries):
        entry = _intended_map(value, entries)
        if isinstance(value, dict) and len(value) == 1:
            entry = f"{{{next(iter(value))}: …}}"
    return f"[{entry}]" if entry else ""


def _intended_names(value: object) -> str:
    """A map by name, in whose place there is a list of names, or of maps that have one."""
    if not isinstance(value, list):
        return ""
    entries = [entry.get("name") if isinstance(entry, dict) else entry for entry in value]
    if not entries or not all(isinstance(name, str) and name.isprintable() for name in entries):
        return ""
    return f"{{{entries[0]}: …{', …' if len(entries) > 1 else ''}}}"


def _intended_map(value: object, types: list[Any]) -> str:
    for model in models_of(types):
        meant_by = getattr(model, "meant_by", None)
        if meant_by is not None:
            return str(meant_by(value))
        if value is None and not any(info.is_required() for info in model.model_fields.values()):
            return "{}"
    return ""
