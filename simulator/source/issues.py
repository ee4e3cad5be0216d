"""Issues: errors of a model's validation in plain words, before they have a place in a file."""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from simulator.source.complaint import Key
from simulator.units import did_you_mean, format_value, intended_number


class Issue(NamedTuple):
    """One error in a model's data; the path is relative to the model."""

    path: tuple[Key, ...]
    text: str
    at_key: bool = False
    missing: bool = False  # the path may end in a key that is missing


def raise_issues(issues: list[Issue]) -> None:
    """End a model's own validator: raise all issues that it found, if any.

    Examples
    --------
    >>> raise_issues([])
    """
    if issues:
        text = "; ".join(issue.text for issue in issues)
        raise PydanticCustomError("issues", "{text}", {"text": text, "issues": issues})


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


def issues_of(error: ErrorDetails, model: type[BaseModel]) -> Iterator[Issue]:
    """One error of pydantic's as issues: the value, what was expected, the closest valid value."""
    path, kind, value = tuple(error["loc"]), error["type"], error["input"]
    context: dict[str, Any] = dict(error.get("ctx", {}))
    if kind == "issues":
        for issue in context["issues"]:
            yield Issue((*path, *issue.path), issue.text, missing=bool(issue.path))
    elif kind == "missing":
        yield Issue(path, f"is missing{_description(model, path)}", missing=True)
    elif kind == "extra_forbidden":
        hint = _cut_off(path[-1]) or _closest_key(model, path)
        yield Issue(path, f"unknown key{hint}", at_key=True)
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        yield _tag_issue(context, model, path)
    elif kind == "value_error":
        yield Issue(path, str(context["error"]))
    elif kind in ("literal_error", "enum"):
        yield Issue(path, _not_a_choice(value, _choices(_types_at(model, path))))
    elif kind in _BOUNDS:
        yield Issue(path, f"given {format_value(value)}, expected {_format_bound(kind, context)}")
    elif kind in ("too_short", "string_too_short"):
        least = context["min_length"]
        # Pydantic also reports a list with wrong entries as too short: those have their own issues.
        if len(value) < least:
            yield Issue(path, f"has less than {least} entries" if value else "is empty")
    elif kind in _EXPECTED:
        hint = _number_hint(kind, value)
        yield Issue(path, f"given {format_value(value)}, expected {_EXPECTED[kind]}{hint}")
    else:
        yield Issue(path, f"given {format_value(value)}: {error['msg']}")


def format_issues(error: ValidationError, model: type[BaseModel]) -> str:
    """All issues in one line, for data that is in no file: an order of a responder.

    Examples
    --------
    >>> from pydantic import ValidationError
    >>> class Scale(BaseModel, extra="forbid"):
    ...     replicas: int
    >>> try:
    ...     _ = Scale.model_validate({"replica": 4})
    ... except ValidationError as error:
    ...     print(format_issues(error, Scale))
    replicas: is missing; replica: unknown key; did you mean 'replicas'?
    """
    details = error.errors(include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, issue.path))}: {issue.text}" if issue.path else issue.text
        for detail in details
        for issue in issues_of(detail, model)
    )


def _tag_issue(context: dict[str, Any], model: type[BaseModel], path: tuple[Key, ...]) -> Issue:
    """The field that chooses a union's branch is missing or unknown."""
    key = context["discriminator"].strip("'")
    if "tag" not in context:
        return Issue((*path, key), "is missing", missing=True)
    tags = _choices(_types_at(model, (*path, key)))
    tag = context["tag"]
    return Issue((*path, key), f"unknown {key} {format_value(tag)}{did_you_mean(tag, tags)}")


def _not_a_choice(value: object, choices: list[str]) -> str:
    if len(choices) == 1:
        return f"given {format_value(value)}, expected {choices[0]}"
    return f"unknown {format_value(value)}{did_you_mean(str(value), choices)}"


def _format_bound(kind: str, context: dict[str, Any]) -> str:
    key, text = _BOUNDS[kind]
    bound = context[key]
    return text.format(f"{bound:g}" if isinstance(bound, float) else bound)


def _number_hint(kind: str, value: object) -> str:
    """A number in quotes, or a percentage, where a plain number is expected."""
    number = intended_number(value) if isinstance(value, str) else ""
    fits = kind == "float_type" or (kind == "int_type" and number.removeprefix("-").isdecimal())
    return f"; did you mean {number}?" if number and fits else ""


def _cut_off(key: Key) -> str:
    """A text with a comma, in a map on one line, ends at the comma: the rest looks like a key."""
    text = str(key)
    unbalanced = any(text.count(a) != text.count(b) for a, b in ("()", "[]", "{}"))
    return "; the text before it ends at a comma: put it into quotes" if unbalanced else ""


def _closest_key(model: type[BaseModel], path: tuple[Key, ...]) -> str:
    """The closest key; a model's own `meant` may offer more than its keys."""
    key = str(path[-1])
    for parent in _models(_types_at(model, path[:-1])):
        if hasattr(parent, "meant"):
            return str(parent.meant(key))
    return did_you_mean(key, allowed_keys(model, path[:-1]))


def _description(model: type[BaseModel], path: tuple[Key, ...]) -> str:
    """The first sentence of a field's description, after a colon."""
    for parent in _models(_types_at(model, path[:-1])):
        for name, info in parent.model_fields.items():
            if (info.alias or name) == path[-1] and info.description:
                first = " ".join(info.description.split(". ")[0].split()).rstrip(".")
                return f": {_uncapitalized(first)}"
    return ""


def _uncapitalized(sentence: str) -> str:
    """A sentence to follow a colon; PromQL and SEV1 keep their capitals.

    Examples
    --------
    >>> [_uncapitalized(text) for text in ("How severe it is", "A team", "PromQL: true if", "TTL")]
    ['how severe it is', 'a team', 'PromQL: true if', 'TTL']
    """
    word = sentence.partition(" ")[0]
    return sentence if word[1:] != word[1:].lower() else sentence[0].lower() + sentence[1:]


def allowed_keys(model: type[BaseModel], path: tuple[Key, ...]) -> list[str]:
    """The keys that a map at a path may have."""
    keys: dict[str, None] = {}
    for parent in _models(_types_at(model, path)):
        keys |= {info.alias or name: None for name, info in parent.model_fields.items()}
    return list(keys)


def _types_at(model: type[BaseModel], path: tuple[Key, ...]) -> list[Any]:
    """The types that a value at a path may have; the name of a union's branch narrows them."""
    types: list[Any] = [model]
    for key in path:
        flat = [branch for kind in types for branch in _branches(kind)]
        below = [inner for kind in flat for inner in _child_types(kind, key)]
        types = below or [kind for kind in flat if _has_tag(kind, key)] or flat
    return [branch for kind in types for branch in _branches(kind)]


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
        return [get_args(kind)[1]]
    if origin in (list, tuple) and isinstance(key, int):
        return [get_args(kind)[0]]
    return []


def _choices(types: list[Any]) -> list[str]:
    """The values of literal and enum types."""
    choices: list[str] = []
    for kind in types:
        if get_origin(kind) is Literal:
            # As YAML writes them: `true`.
            values = get_args(kind)
            choices += (str(v).lower() if isinstance(v, bool) else str(v) for v in values)
        elif isinstance(kind, type) and issubclass(kind, Enum):
            choices += (str(member.value) for member in kind)
    return list(dict.fromkeys(choices))


def _has_tag(kind: Any, tag: Key) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return any(tag in _choices([info.annotation]) for info in kind.model_fields.values())


def _models(types: list[Any]) -> list[type[BaseModel]]:
    return [kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)]
