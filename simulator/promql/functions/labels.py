"""Functions that rewrite labels; all of their work is done at planning time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from simulator.promql.errors import PromQLError
from simulator.promql.nodes import Batch, SameLabels, Times, VectorNode
from simulator.promql.selection import anchored
from simulator.telemetry.store import Labels, labels_of

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


class Relabelled(VectorNode):
    """A vector under other labels, which must not coincide."""

    def __init__(self, inner: VectorNode, labels: Sequence[Labels]) -> None:
        self.inner, self.labels = inner, labels
        self.same = SameLabels(labels)
        self.sure = inner.sure and self.same.unique

    def at(self, times: Times) -> Batch:
        batch = self.inner.at(times)
        self.same.check(batch.present)
        return batch


def replaced(
    series: Sequence[Labels], target: str, replacement: str, source: str, pattern: str, dialect: int
) -> list[Labels]:
    """The labels after `label_replace`.

    Examples
    --------
    >>> replaced([labels_of(pod="api-1")], "app", "$1", "pod", "(.*)-[0-9]+", 3)
    [(('app', 'api'), ('pod', 'api-1'))]
    """
    compiled = anchored(pattern)
    check_name(target, "destination label name in label_replace()", dialect)
    result = []
    for labels in series:
        found = compiled.fullmatch(dict(labels).get(source, ""))
        if found is None:
            result.append(labels)
        else:
            result.append(labels_of({**dict(labels), target: expanded(replacement, found)}))
    return result


def joined(
    series: Sequence[Labels], target: str, separator: str, sources: Sequence[str], dialect: int
) -> list[Labels]:
    """The labels after `label_join`.

    Examples
    --------
    >>> joined([labels_of(a="x", b="y")], "c", "-", ["a", "b"], 3)
    [(('a', 'x'), ('b', 'y'), ('c', 'x-y'))]
    """
    for source in sources:
        check_name(source, "source label name in label_join()", dialect)
    check_name(target, "destination label name in label_join()", dialect)
    result = []
    for labels in series:
        have = dict(labels)
        text = separator.join(have.get(source, "") for source in sources)
        result.append(labels_of({**have, target: text}))
    return result


def expanded(template: str, found: Any) -> str:
    """A replacement text with $1, ${1} and ${name} filled in; unknown groups are empty."""

    def one(reference: re.Match[str]) -> str:
        dollar, bare, braced = reference.groups()
        if dollar:
            return "$"
        name = bare or braced
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError):
            return ""

    return REFERENCE.sub(one, template)


def check_name(name: str, what: str, dialect: int) -> None:
    valid = bool(name) if dialect == 3 else LABEL.match(name) is not None
    if not valid:
        raise PromQLError(f"invalid {what}: {name!r}")
