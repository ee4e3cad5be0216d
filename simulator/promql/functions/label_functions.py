"""Functions that rewrite labels, entirely at planning time."""

import re
from collections.abc import Sequence
from typing import Any

from simulator.promql.errors import PromQLError
from simulator.promql.plan_nodes import EvalTimes, VectorNode, Vectors
from simulator.promql.rowwise import Relabel, RowwiseNode
from simulator.promql.selection import anchored_regex
from simulator.telemetry.store import Labels, labels_of

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


class LabelFunction(RowwiseNode):
    """A vector under other labels, which must not coincide."""

    def __init__(self, inner: VectorNode, relabel: Relabel) -> None:
        super().__init__(inner, relabel)
        self.inner = inner
        self.cannot_fail = inner.cannot_fail and bool(self.label_sets.unique)

    def at(self, times: EvalTimes) -> Vectors:
        vectors = self.inner.at(times)
        self.label_sets.check(vectors.present)
        return vectors


def label_replace(
    target: str, replacement: str, source: str, pattern: str, version: int
) -> Relabel:
    """The relabelling of `label_replace`.

    Examples
    --------
    >>> label_replace("app", "$1", "pod", "(.*)-[0-9]+", 3)(labels_of(pod="api-1"))
    (('app', 'api'), ('pod', 'api-1'))
    """
    regex = anchored_regex(pattern)
    check_name(target, "destination label name in label_replace()", version)

    def relabel(labels: Labels) -> Labels:
        match = regex.fullmatch(dict(labels).get(source, ""))
        if match is None:
            return labels
        return labels_of({**dict(labels), target: expand_template(replacement, match)})

    return relabel


def label_join(target: str, separator: str, sources: Sequence[str], version: int) -> Relabel:
    """The relabelling of `label_join`.

    Examples
    --------
    >>> label_join("c", "-", ["a", "b"], 3)(labels_of(a="x", b="y"))
    (('a', 'x'), ('b', 'y'), ('c', 'x-y'))
    """
    for source in sources:
        check_name(source, "source label name in label_join()", version)
    check_name(target, "destination label name in label_join()", version)

    def relabel(labels: Labels) -> Labels:
        values = dict(labels)
        text = separator.join(values.get(source, "") for source in sources)
        return labels_of({**values, target: text})

    return relabel


def expand_template(template: str, match: Any) -> str:
    """A replacement text with $1, ${1} and ${name} filled in; unknown groups are empty."""

    def expand(reference: re.Match[str]) -> str:
        dollar, bare, braced = reference.groups()
        if dollar:
            return "$"
        name = bare or braced
        try:
            return match.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError):
            return ""

    return REFERENCE.sub(expand, template)


def check_name(name: str, role: str, version: int) -> None:
    """Raise unless a label name is valid: in Prometheus 3 any non-empty text is."""
    valid = bool(name) if version == 3 else LABEL.match(name) is not None
    if not valid:
        raise PromQLError(f"invalid {role}: {name!r}")
