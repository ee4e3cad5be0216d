"""Alertmanager's matchers: conditions on an alert's labels."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.promql.errors import PromQLError
from simulator.promql.selection import anchored_regex

MATCHER = re.compile(
    r"\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:.\-/]*|\"(?:\\.|[^\"\\])*\")\s*(?P<op>=~|!=|!~|=)"
    r"\s*(?P<value>.*?)\s*",
    re.DOTALL,
)


class MatcherError(ValueError):
    """An invalid matcher."""


class Condition(NamedTuple):
    """One matcher; a missing label counts as empty.

    Examples
    --------
    >>> Condition("severity", "=~", "page|ticket").holds({"severity": "page"})
    True
    """

    name: str
    op: str
    value: str

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels fulfil the condition."""
        value = labels.get(self.name, "")
        if self.op in ("=", "!="):
            return (value == self.value) == (self.op == "=")
        return (anchored_regex(self.value).fullmatch(value) is not None) == (self.op == "=~")

    def __str__(self) -> str:
        text = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{text}"'


Conditions = tuple[Condition, ...]


def all_hold(conditions: Sequence[Condition], labels: Mapping[str, str]) -> bool:
    """Whether every condition holds; true for no conditions."""
    return all(condition.holds(labels) for condition in conditions)


def validate_condition(condition: Condition) -> Condition:
    """The condition, if its regular expression is valid.

    Raises
    ------
    MatcherError
    """
    if condition.op in ("=~", "!~"):
        try:
            anchored_regex(condition.value)
        except PromQLError as error:
            raise MatcherError(str(error)) from None
    return condition


def parse_matchers(text: str) -> Conditions:
    """One matcher, or several separated by commas, with or without braces.

    Raises
    ------
    MatcherError

    Examples
    --------
    >>> [str(condition) for condition in parse_matchers('{severity="page", team=~a|b}')]
    ['severity="page"', 'team=~"a|b"']
    """
    inner = text.strip()
    if inner.startswith("{") != inner.endswith("}"):
        if inner.startswith("{"):
            raise MatcherError(f"bad matcher format: {text!r}: a '{{' without its '}}'")
    else:
        inner = inner.removeprefix("{").removesuffix("}")
    parts = _split(inner)
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    return tuple(
        _parse_matcher(part) for part in parts if part.strip() or (len(parts) == 1 and inner)
    )


def _split(text: str) -> list[str]:
    """The text split at commas outside of quotes."""
    parts, quoted, escaped = [""], False, False
    for char in text:
        if char == "," and not quoted:
            parts.append("")
            continue
        parts[-1] += char
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
    return parts


def _parse_matcher(text: str) -> Condition:
    match = MATCHER.fullmatch(text)
    if match is None:
        raise MatcherError(f'bad matcher format: {text.strip()!r}; write name="value"')
    name, value = match["name"], match["value"]
    if name.startswith('"'):
        name = _unescape(name[1:-1])
    if value.startswith('"'):
        if len(value) < 2 or not re.fullmatch(r'"(?:\\.|[^"\\])*"', value, re.DOTALL):
            raise MatcherError(f"matcher value contains unescaped double quote: {value}")
        value = value[1:-1]
    elif re.search(r'(?<!\\)"', value):
        raise MatcherError(f"matcher value contains unescaped double quote: {value}")
    return validate_condition(Condition(name, match["op"], _unescape(value)))


def _unescape(text: str) -> str:
    escapes = {"n": "\n", '"': '"', "\\": "\\"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[0]), text)
