"""The types that a model allows at a path: what a message can name as expected."""

from collections.abc import Mapping
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from simulator.source.complaint import Key

# Pydantic's last key of an error about a key of a map.
KEY_OF_MAP = "[key]"


def types_at(model: type[BaseModel], path: tuple[Key, ...]) -> list[Any]:
    """The types that a value at a path may have; the name of a union's branch narrows them.

    Examples
    --------
    >>> class Stage(BaseModel):
    ...     replicas: list[int] | str
    >>> types_at(Stage, ("replicas",))
    [list[int], <class 'str'>]
    >>> types_at(Stage, ("replicas", 0))
    [<class 'int'>]
    """
    if path[-1:] == (KEY_OF_MAP,):
        path = (*path[:-2], KEY_OF_MAP)
    types: list[Any] = [model]
    for key in path:
        flat = [branch for kind in types for branch in _branches(kind)]
        below = [inner for kind in flat for inner in _child_types(kind, key)]
        types = below or [kind for kind in flat if _has_tag(kind, key)] or flat
    return [branch for kind in types for branch in _branches(kind)]


def models_at(model: type[BaseModel], path: tuple[Key, ...]) -> list[type[BaseModel]]:
    """The models that a map at a path may be."""
    return models_of(types_at(model, path))


def models_of(types: list[Any]) -> list[type[BaseModel]]:
    """The models among types."""
    return [kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)]


def allowed_keys(model: type[BaseModel], path: tuple[Key, ...]) -> list[str]:
    """The keys that a map at a path may have."""
    keys: dict[str, None] = {}
    for parent in models_at(model, path):
        keys |= {info.alias or name: None for name, info in parent.model_fields.items()}
    return list(keys)


def choices(types: list[Any]) -> list[str]:
    """The values of literal and enum types."""
    values: list[str] = []
    for kind in types:
        if get_origin(kind) is Literal:
            # As YAML writes them: `true`.
            literals = get_args(kind)
            values += (str(v).lower() if isinstance(v, bool) else str(v) for v in literals)
        elif isinstance(kind, type) and issubclass(kind, Enum):
            values += (str(member.value) for member in kind)
    return list(dict.fromkeys(values))


def _branches(kind: Any) -> list[Any]:
    """A type without Annotated, Optional and Union around it."""
    if hasattr(kind, "__metadata__"):
        return _branches(kind.__origin__)
    if hasattr(kind, "__value__"):
        return _branches(kind.__value__)
    if get_origin(kind) in (Union, UnionType):
        return [inner for branch in get_args(kind) for inner in _branches(branch)]
    return [kind]


def _child_types(kind: Any, key: Key) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [
            info.annotation
            for name, info in kind.model_fields.items()
            if (info.alias or name) == key
        ]
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(key, str):
        return [get_args(kind)[0 if key == KEY_OF_MAP else 1]]
    if origin in (list, tuple) and isinstance(key, int):
        return [get_args(kind)[0]]
    return []


def _has_tag(kind: Any, tag: Key) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return any(tag in choices([info.annotation]) for info in kind.model_fields.values())
