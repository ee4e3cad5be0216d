"""Prometheus' own YAML files: read with positions, and with every scalar as it was written.

Go decodes by the type it expects (`version: 1.10` as a label is "1.10"), so scalars stay text
here and whoever wants a number or a boolean says so. Aliases and merge keys are expanded, up to
a bound; depth, duplicates and tags are refused while reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

DEPTH = 64
NODES = 200_000  # a large rule file has 20,000
NULLS = ("", "~", "null", "Null", "NULL")
TRUE, FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


@dataclass
class Value:
    """A scalar, list or map of a file, with its place (counted from 1)."""

    kind: str
    line: int
    column: int
    text: str = ""
    plain: bool = False
    items: list[Value] = field(default_factory=list)
    entries: dict[str, Value] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def null(self) -> bool:
        """Whether it is nothing: an empty value, `~` or `null`."""
        return self.kind == "scalar" and self.plain and self.text in NULLS


class Problems:
    """What is wrong in one file, gathered so that it is told at once.

    Examples
    --------
    >>> problems = Problems("a.yml")
    >>> problems.add(Value("scalar", 3, 5), "groups[0]", "unknown field 'nmae'")
    >>> problems.lines
    ["a.yml:3:5: groups[0]: unknown field 'nmae'"]
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []

    def add(self, value: Value, where: str, text: str) -> None:
        """One more complaint, about a value."""
        self.at(value.line, value.column, where, text)

    def at(self, line: int, column: int, where: str, text: str) -> None:
        """One more complaint, about a place."""
        place = f"{self.name}:{line}:{column}"
        self.lines.append(": ".join(part for part in (place, where, text) if part))

    def map(self, value: Value, where: str, known: tuple[str, ...]) -> dict[str, Value]:
        """The entries of a map, nulls left out; complains of unknown keys."""
        if value.null:
            return {}
        if value.kind != "map":
            self.add(value, where, "expected a map")
            return {}
        for key, (line, column) in value.keys.items():
            if known and key not in known:
                self.at(line, column, where, f"unknown field {key!r}; known: {', '.join(known)}")
        return {key: entry for key, entry in value.entries.items() if not entry.null}

    def list(self, value: Value | None, where: str) -> list[Value]:
        """The items of a list; nothing where there is none."""
        if value is None or value.null:
            return []
        if value.kind != "list":
            self.add(value, where, "expected a list")
            return []
        return value.items

    def text(self, value: Value | None, where: str, default: str = "") -> str:
        """A scalar's text."""
        if value is None:
            return default
        if value.kind != "scalar":
            self.add(value, where, "expected a text")
            return default
        return "" if value.null else value.text

    def boolean(self, value: Value | None, where: str, default: bool) -> bool:
        """A scalar that says true or false."""
        text = self.text(value, where)
        if value is None or text in (*TRUE, *FALSE):
            return default if value is None else text in TRUE
        self.add(value, where, f"expected true or false, not {text!r}")
        return default

    def integer(self, value: Value | None, where: str, default: int = 0) -> int:
        """A whole number."""
        text = self.text(value, where)
        if value is None:
            return default
        try:
            return int(text)
        except ValueError:
            self.add(value, where, f"expected a whole number, not {text!r}")
            return default

    def texts(self, value: Value | None, where: str) -> dict[str, str]:
        """A map of texts, such as labels."""
        if value is None:
            return {}
        entries = self.map(value, where, ())
        return {key: self.text(entry, f"{where}.{key}") for key, entry in entries.items()}


def read(text: str, problems: Problems) -> Value | None:
    """The one document of a file; None, and a complaint, where it is not YAML.

    Examples
    --------
    >>> value = read("a: [1.10, two]", Problems("x.yml"))
    >>> [item.text for item in value.entries["a"].items]
    ['1.10', 'two']
    """
    try:
        return _Reading(problems).document(iter(yaml.parse(text, Loader=yaml.CSafeLoader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problems.at(line, column, "", f"not YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        problems.at(1, 1, "", f"not YAML: {str(error).splitlines()[0]}")
    except _Refused as refused:
        problems.at(*refused.place, "", refused.text)
    return None


def _place(event: Any) -> tuple[int, int]:
    """Line and column, counted from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Refused(Exception):
    def __init__(self, event: Any, text: str) -> None:
        self.place = _place(event)
        self.text = text


class _Reading:
    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.anchors: dict[str, tuple[Value, int]] = {}
        self.nodes = 0

    def document(self, events: Iterator[Any]) -> Value | None:
        found: Value | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    raise _Refused(event, "a second document; a file holds one")
                found = self.value(next(events), events, 0)
        return found

    def value(self, event: Any, events: Iterator[Any], depth: int) -> Value:
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise _Refused(event, f"alias '*{event.anchor}' has no finished anchor before it")
            known, size = self.anchors[event.anchor]
            self.count(event, size)
            return known
        self.count(event, 1)
        before = self.nodes
        if depth > DEPTH:
            raise _Refused(event, f"nested deeper than {DEPTH} levels")
        if event.tag not in (None, "!") and not event.tag.startswith("tag:yaml.org,2002:"):
            raise _Refused(event, f"tag {event.tag!r} is not known")
        if isinstance(event, yaml.ScalarEvent):
            found = Value("scalar", *place, event.value, not event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            found = Value("list", *place)
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                found.items.append(self.value(inner, events, depth + 1))
        else:
            found = self.map(Value("map", *place), events, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (found, self.nodes - before + 1)
        return found

    def map(self, found: Value, events: Iterator[Any], depth: int) -> Value:
        merged: list[Value] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(event, "a key that is not a text")
            self.count(event, 1)
            entry = self.value(next(events), events, depth + 1)
            if event.value == "<<" and not event.style:
                merged += entry.items if entry.kind == "list" else [entry]
            elif event.value in found.entries:
                raise _Refused(event, f"duplicate key {event.value!r}")
            else:
                found.entries[event.value] = entry
                found.keys[event.value] = _place(event)
        for other in merged:
            found.entries = {**other.entries, **found.entries}
            found.keys = {**other.keys, **found.keys}
        return found

    def count(self, event: Any, by: int) -> None:
        self.nodes += by
        if self.nodes > NODES:
            raise _Refused(event, f"more than {NODES:,} values")
