"""What pydantic found, in plain words: what was given, what was expected, the nearest right one."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from simulator.source.complaint import Key
from simulator.units import did_you_mean, meant_number, show


class Wrong(NamedTuple):
    """One thing that a model's own check found, below the place of the check."""

    path: tuple[Key, ...]
    text: str


def refuse(wrongs: list[Wrong]) -> None:
    """End a model's check: raise everything it found, if anything.

    Examples
    --------
    >>> refuse([])
    """
    if wrongs:
        text = "; ".join(wrong.text for wrong in wrongs)
        raise PydanticCustomError("wrongs", "{text}", {"text": text, "wrongs": wrongs})


class Said(NamedTuple):
    """A complaint before it has a place."""

    path: tuple[Key, ...]
    text: str
    at_key: bool = False
    missing: bool = False  # the path may end in a key that does not stand there


_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a map",
    "mapping_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
    "finite_number": "a finite number",
    "none_required": "nothing",
}
_BOUNDS = {
    "greater_than": ("gt", "above {}"),
    "greater_than_equal": ("ge", "{} or more"),
    "less_than": ("lt", "below {}"),
    "less_than_equal": ("le", "{} or less"),
}


def say(error: ErrorDetails, model: type[BaseModel]) -> Iterator[Said]:
    """One error of pydantic's as what a person can act on."""
    path, kind, given = tuple(error["loc"]), error["type"], error["input"]
    context: dict[str, Any] = dict(error.get("ctx", {}))
    if kind == "wrongs":
        for wrong in context["wrongs"]:
            yield Said((*path, *wrong.path), wrong.text, missing=bool(wrong.path))
    elif kind == "missing":
        yield Said(path, f"is missing{_about(model, path)}", missing=True)
    elif kind == "extra_forbidden":
        yield Said(path, f"unknown key{_cut(path[-1]) or _meant_key(model, path)}", at_key=True)
    elif kind == "union_tag_invalid":
        tags = [tag.strip(" '") for tag in context["expected_tags"].split(",")]
        key = context["discriminator"].strip("'")
        yield Said(
            (*path, key),
            f"unknown {key} {show(context['tag'])}{did_you_mean(context['tag'], tags)}",
        )
    elif kind == "union_tag_not_found":
        yield Said((*path, context["discriminator"].strip("'")), "is missing", missing=True)
    elif kind == "value_error":
        yield Said(path, str(context["error"]))
    elif kind in ("literal_error", "enum"):
        known = [word.strip("' ") for word in context["expected"].replace(" or ", ", ").split(",")]
        if len(known) == 1:
            yield Said(path, f"given {show(given)}, expected {known[0]}")
        else:
            yield Said(path, f"unknown {show(given)}{did_you_mean(str(given), known)}")
    elif kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        bound = words.format(
            f"{context[key]:g}" if isinstance(context[key], float) else context[key]
        )
        yield Said(path, f"given {show(given)}, expected {bound}")
    elif kind in ("too_short", "string_too_short"):
        least = context["min_length"]
        # Pydantic also says so of a list whose entries are wrong: those are told already.
        if len(given) < least:
            yield Said(path, "is empty" if not given else f"has less than {least} entries")
    elif kind in _EXPECTED:
        yield Said(path, f"given {show(given)}, expected {_EXPECTED[kind]}{_meant(kind, given)}")
    else:
        yield Said(path, f"given {show(given)}: {error['msg']}")


def say_all(error: ValidationError, model: type[BaseModel]) -> str:
    """All that is wrong, in one line, with what stands in no file: an order of a responder.

    Examples
    --------
    >>> from pydantic import ValidationError
    >>> class Scale(BaseModel, extra="forbid"):
    ...     replicas: int
    >>> try:
    ...     _ = Scale.model_validate({"replica": 4})
    ... except ValidationError as error:
    ...     print(say_all(error, Scale))
    replicas: is missing; replica: unknown key; did you mean 'replicas'?
    """
    found = (said for detail in error.errors(include_url=False) for said in say(detail, model))
    return "; ".join(
        f"{'.'.join(map(str, said.path))}: {said.text}" if said.path else said.text
        for said in found
    )


def _meant(kind: str, given: Any) -> str:
    """A number in quotes, or a percentage, where a plain number is read."""
    meant = meant_number(given) if isinstance(given, str) else ""
    fits = kind == "float_type" or (kind == "int_type" and meant.removeprefix("-").isdecimal())
    return f"; did you mean {meant}?" if meant and fits else ""


def _cut(key: Key) -> str:
    """A text with a comma, in a map on one line, ends at the comma: the rest looks like a key."""
    text = str(key)
    cut = any(text.count(a) != text.count(b) for a, b in ("()", "[]", "{}"))
    return "; the text before it ends at a comma: put it into quotes" if cut else ""


def _meant_key(model: type[BaseModel], path: tuple[Key, ...]) -> str:
    """The nearest key; a model's own `meant` knows better what else somebody may have meant."""
    key = str(path[-1])
    for parent in _models(_types_at(model, path[:-1])):
        if hasattr(parent, "meant"):
            return str(parent.meant(key))
    return did_you_mean(key, keys_at(model, path[:-1]))


def _about(model: type[BaseModel], path: tuple[Key, ...]) -> str:
    for parent in _models(_types_at(model, path[:-1])):
        for name, info in parent.model_fields.items():
            if (info.alias or name) == path[-1] and info.description:
                first = " ".join(info.description.split(". ")[0].split()).rstrip(".")
                return f": {_begun(first)}"
    return ""


def _begun(sentence: str) -> str:
    """A sentence as it goes on after a colon: PromQL and SEV1 keep their capitals.

    Examples
    --------
    >>> _begun("How severe it is"), _begun("A team"), _begun("PromQL: true if"), _begun("TTL")
    ('how severe it is', 'a team', 'PromQL: true if', 'TTL')
    """
    word = sentence.partition(" ")[0]
    return sentence if word[1:] != word[1:].lower() else sentence[0].lower() + sentence[1:]


def keys_at(model: type[BaseModel], path: tuple[Key, ...]) -> list[str]:
    """The keys that a map at a path may have."""
    found: dict[str, None] = {}
    for parent in _models(_types_at(model, path)):
        found |= {info.alias or name: None for name, info in parent.model_fields.items()}
    return list(found)


def _types_at(model: type[BaseModel], path: tuple[Key, ...]) -> list[Any]:
    """The types that may stand at a path; a name of a union's branch narrows them down."""
    types: list[Any] = [model]
    for key in path:
        flat = [inner for kind in types for inner in _branches(kind)]
        below = [inner for kind in flat for inner in _below(kind, key)]
        types = below or [kind for kind in flat if _tagged(kind, key)] or flat
    return [inner for kind in types for inner in _branches(kind)]


def _branches(kind: Any) -> list[Any]:
    """A type without Annotated, Optional and Union around it."""
    if hasattr(kind, "__metadata__"):
        return _branches(kind.__origin__)
    if hasattr(kind, "__value__"):
        return _branches(kind.__value__)
    if get_origin(kind) in (Union, UnionType):
        return [inner for branch in get_args(kind) for inner in _branches(branch)]
    return [kind]


def _below(kind: Any, key: Key) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [
            info.annotation
            for name, info in kind.model_fields.items()
            if (info.alias or name) == key
        ]
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(key, str):
        return [get_args(kind)[1]]
    if origin in (list, tuple) and isinstance(key, int):
        return [get_args(kind)[0]]
    return []


def _tagged(kind: Any, tag: Key) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    literals = (info.annotation for info in kind.model_fields.values())
    return any(get_origin(literal) is Literal and tag in get_args(literal) for literal in literals)


def _models(types: list[Any]) -> list[type[BaseModel]]:
    return [kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)]
