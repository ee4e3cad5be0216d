"""Functions that rewrite labels; all of their work is done at planning time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from simulator.promql.errors import PromQLError
from simulator.promql.plan_nodes import Batch, Times, VectorNode
from simulator.promql.rowwise import Rename, Renamed
from simulator.promql.selection import anchored_regex
from simulator.telemetry.store import Labels, labels_of

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


class Relabelled(Renamed):
    """A vector under other labels, which must not coincide."""

    def __init__(self, inner: VectorNode, rename: Rename) -> None:
        super().__init__(inner, rename)
        self.inner = inner
        self.sure = inner.sure and bool(self.same.unique)

    def at(self, times: Times) -> Batch:
        batch = self.inner.at(times)
        self.same.check(batch.present)
        return batch


def replacing(target: str, replacement: str, source: str, pattern: str, dialect: int) -> Rename:
    """What `label_replace` makes of labels.

    Examples
    --------
    >>> replacing("app", "$1", "pod", "(.*)-[0-9]+", 3)(labels_of(pod="api-1"))
    (('app', 'api'), ('pod', 'api-1'))
    """
    compiled = anchored_regex(pattern)
    check_name(target, "destination label name in label_replace()", dialect)

    def rename(labels: Labels) -> Labels:
        found = compiled.fullmatch(dict(labels).get(source, ""))
        if found is None:
            return labels
        return labels_of({**dict(labels), target: expand_template(replacement, found)})

    return rename


def joining(target: str, separator: str, sources: Sequence[str], dialect: int) -> Rename:
    """What `label_join` makes of labels.

    Examples
    --------
    >>> joining("c", "-", ["a", "b"], 3)(labels_of(a="x", b="y"))
    (('a', 'x'), ('b', 'y'), ('c', 'x-y'))
    """
    for source in sources:
        check_name(source, "source label name in label_join()", dialect)
    check_name(target, "destination label name in label_join()", dialect)

    def rename(labels: Labels) -> Labels:
        have = dict(labels)
        text = separator.join(have.get(source, "") for source in sources)
        return labels_of({**have, target: text})

    return rename


def expand_template(template: str, found: Any) -> str:
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
