"""Issues: errors of a model's validation in plain words, before they have a place in a file."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from simulator.source.complaint import Key
from simulator.source.intended_values import intended_value
from simulator.source.model_types import KEY_OF_MAP, allowed_keys, choices, models_at, types_at
from simulator.units import closest_match, did_you_mean, format_value
from simulator.units.field_docs import field_docs


class Issue(NamedTuple):
    """One error in a model's data; the path is relative to the model."""

    path: tuple[Key, ...]
    text: str
    at_key: bool = False
    missing: bool = False  # the path may end in a key that is missing
    meant: str = ""  # the key that an unknown one probably is


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
    for issue in _describe(error, model):
        in_key = issue.path[-1:] == (KEY_OF_MAP,)
        yield issue._replace(path=issue.path[:-1], at_key=True) if in_key else issue


def _describe(error: ErrorDetails, model: type[BaseModel]) -> Iterator[Issue]:
    path, kind, value = tuple(error["loc"]), error["type"], error["input"]
    context: dict[str, Any] = dict(error.get("ctx", {}))
    if kind == "issues":
        for issue in context["issues"]:
            yield issue._replace(path=(*path, *issue.path), missing=bool(issue.path))
    elif kind == "missing":
        yield Issue(path, f"is missing{_description(model, path)}", missing=True)
    elif kind == "extra_forbidden":
        meant = _closest_key(model, path)
        hint = _cut_off(path[-1]) or _key_hint(model, path, meant)
        yield Issue(path, f"unknown key{hint}", at_key=True, meant=meant)
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        yield _tag_issue(context, model, path)
    elif kind == "value_error":
        yield Issue(path, str(context["error"]))
    elif kind in ("literal_error", "enum"):
        yield Issue(path, _not_a_choice(value, choices(types_at(model, path))))
    elif kind in _BOUNDS:
        yield Issue(path, f"given {format_value(value)}, expected {_format_bound(kind, context)}")
    elif kind in ("too_short", "string_too_short"):
        least = context["min_length"]
        # Pydantic also reports a list with wrong entries as too short: those have their own issues.
        if len(value) < least:
            yield Issue(path, f"has less than {least} entries" if value else "is empty")
    elif kind in _EXPECTED:
        hint = intended_value(kind, value, types_at(model, path))
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
    replica: unknown key; did you mean 'replicas'?
    """
    issues = [i for detail in error.errors(include_url=False) for i in issues_of(detail, model)]
    return "; ".join(
        f"{'.'.join(map(str, issue.path))}: {issue.text}" if issue.path else issue.text
        for issue in without_misspelt(issues)
    )


def without_misspelt(issues: list[Issue]) -> list[Issue]:
    """Issues without those about missing keys that are there under a misspelt name."""
    meant = {(*issue.path[:-1], issue.meant) for issue in issues if issue.meant}
    return [issue for issue in issues if not (issue.missing and issue.path in meant)]


def _tag_issue(context: dict[str, Any], model: type[BaseModel], path: tuple[Key, ...]) -> Issue:
    """The field that chooses a union's branch is missing or unknown."""
    key = context["discriminator"].strip("'")
    if "tag" not in context:
        return Issue((*path, key), "is missing", missing=True)
    tags = choices(types_at(model, (*path, key)))
    tag = context["tag"]
    return Issue((*path, key), f"unknown {key} {format_value(tag)}{did_you_mean(tag, tags)}")


def _not_a_choice(value: object, valid: list[str]) -> str:
    if len(valid) == 1:
        return f"given {format_value(value)}, expected {valid[0]}"
    return f"unknown {format_value(value)}{did_you_mean(str(value), valid)}"


def _format_bound(kind: str, context: dict[str, Any]) -> str:
    key, text = _BOUNDS[kind]
    bound = context[key]
    return text.format(f"{bound:g}" if isinstance(bound, float) else bound)


def _cut_off(key: Key) -> str:
    """A text with a comma, in a map on one line, ends at the comma: the rest looks like a key."""
    text = str(key)
    unbalanced = any(text.count(a) != text.count(b) for a, b in ("()", "[]", "{}"))
    return "; the text before it ends at a comma: put it into quotes" if unbalanced else ""


def _closest_key(model: type[BaseModel], path: tuple[Key, ...]) -> str:
    """The key that is meant by an unknown one, or an empty text.

    A model's `other_words` are those that other tools have for its keys.
    """
    key = str(path[-1])
    for parent in models_at(model, path[:-1]):
        words: Mapping[str, str] = getattr(parent, "other_words", {})
        if key.lower() in words:
            return words[key.lower()]
        if hasattr(parent, "meant"):
            return ""
    return closest_match(key, allowed_keys(model, path[:-1])) or ""


def _key_hint(model: type[BaseModel], path: tuple[Key, ...], meant: str) -> str:
    """The end of a message about an unknown key; a model's own `meant` may offer more."""
    if meant:
        return f"; did you mean {meant!r}?"
    key = str(path[-1])
    for parent in models_at(model, path[:-1]):
        if hasattr(parent, "meant"):
            return str(parent.meant(key))
    return did_you_mean(key, allowed_keys(model, path[:-1]))


def _description(model: type[BaseModel], path: tuple[Key, ...]) -> str:
    """The first sentence of a field's description, after a colon."""
    for parent in models_at(model, path[:-1]):
        for name, info in parent.model_fields.items():
            if (info.alias or name) == path[-1] and (text := field_docs(parent).get(name)):
                first = " ".join(text.split(". ")[0].split()).rstrip(".")
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
