"""Alertmanager's matchers: conditions on an alert's labels."""

from __future__ import annotations

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
    """A matcher that cannot be understood."""


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
        """Whether it holds of these labels."""
        have = labels.get(self.name, "")
        if self.op in ("=", "!="):
            return (have == self.value) == (self.op == "=")
        return (anchored_regex(self.value).fullmatch(have) is not None) == (self.op == "=~")

    def __str__(self) -> str:
        text = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{text}"'


Conditions = tuple[Condition, ...]


def all_hold(conditions: Sequence[Condition], labels: Mapping[str, str]) -> bool:
    """Whether every one holds; true of none at all."""
    return all(condition.holds(labels) for condition in conditions)


def checked(condition: Condition) -> Condition:
    """The condition, once its regular expression is known to be one."""
    if condition.op in ("=~", "!~"):
        try:
            anchored_regex(condition.value)
        except PromQLError as problem:
            raise MatcherError(str(problem)) from None
    return condition


def parse_matchers(text: str) -> Conditions:
    """Matchers as they are written: one, or several between commas, in braces or not.

    Raises
    ------
    MatcherError

    Examples
    --------
    >>> [str(c) for c in parse_matchers('{severity="page", team=~a|b}')]
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
    return tuple(_one(part) for part in parts if part.strip() or (len(parts) == 1 and inner))


def _split(text: str) -> list[str]:
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


def _one(text: str) -> Condition:
    found = MATCHER.fullmatch(text)
    if found is None:
        raise MatcherError(f'bad matcher format: {text.strip()!r}; write name="value"')
    name, value = found["name"], found["value"]
    if name.startswith('"'):
        name = _unquoted(name[1:-1])
    if value.startswith('"'):
        if len(value) < 2 or not re.fullmatch(r'"(?:\\.|[^"\\])*"', value, re.DOTALL):
            raise MatcherError(f"matcher value contains unescaped double quote: {value}")
        value = value[1:-1]
    elif re.search(r'(?<!\\)"', value):
        raise MatcherError(f"matcher value contains unescaped double quote: {value}")
    return checked(Condition(name, found["op"], _unquoted(value)))


def _unquoted(text: str) -> str:
    escapes = {"n": "\n", '"': '"', "\\": "\\"}
    return re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[0]), text)
