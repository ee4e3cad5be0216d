"""Which series a selector means, and where they lie in the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.growth import Growing
from simulator.telemetry.re2_patterns import compile_pattern
from simulator.telemetry.store import Ints, Labels, SeriesStore, SeriesTable

Test = Callable[[str], bool]

OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


class Matcher(NamedTuple):
    """One condition on a label; a missing label counts as empty."""

    name: str
    op: str
    value: str

    def test(self) -> Test:
        """A function of the label's value."""
        if self.op == "=":
            return self.value.__eq__
        if self.op == "!=":
            return self.value.__ne__
        pattern = anchored_regex(self.value)
        if self.op == "=~":
            return lambda value: pattern.fullmatch(value) is not None
        return lambda value: pattern.fullmatch(value) is None

    def __str__(self) -> str:
        text = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{text}"'


class Selector(NamedTuple):
    """A vector selector of a query: its text and what it asks of a series' labels.

    Examples
    --------
    >>> str(Selector("up", (Matcher("job", "=~", "a|b"),)))
    'up{job=~"a|b"}'
    """

    name: str | None
    matchers: tuple[Matcher, ...]

    def all(self) -> tuple[Matcher, ...]:
        """The matchers, the name's among them."""
        if self.name is None:
            return self.matchers
        return (Matcher("__name__", "=", self.name), *self.matchers)

    def __str__(self) -> str:
        inner = ", ".join(str(matcher) for matcher in self.matchers)
        return f"{self.name or ''}{{{inner}}}" if inner else str(self.name)


class Columns(NamedTuple):
    """Columns of one table: a slice where they lie side by side, else their numbers.

    `rows` are the selection's rows that they stand for, in the same order.
    """

    table: SeriesTable
    where: slice | Ints
    size: int
    rows: slice | Ints


def anchored_regex(pattern: str) -> Any:
    """A compiled RE2 pattern; to be used with `fullmatch`.

    Examples
    --------
    >>> anchored_regex("a.c").fullmatch("abcd") is None
    True
    """
    try:
        return compile_pattern(pattern, dot_nl=True)
    except ValueError as problem:
        raise PromQLError(str(problem)) from None


def selector_of(node: Any) -> Selector:
    """The selector that a syntax tree's VectorSelector stands for."""
    if node.matchers.or_matchers:
        raise Unsupported("`or` between label matchers is not Prometheus' PromQL")
    found = [Matcher(m.name, OPERATORS[str(m.op)], m.value) for m in node.matchers.matchers]
    for matcher in found:
        matcher.test()  # a bad pattern is known before any series is
    return Selector(node.name, tuple(found))


def matches(selector: Selector, series: Sequence[Labels]) -> bool:
    """Whether any of the series is selected.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> up = Selector("up", (Matcher("job", "!=", ""),))
    >>> matches(up, [labels_of(__name__="up")])
    False
    """
    return bool(selected_indices(selector, series))


def selected_indices(selector: Selector, series: Sequence[Labels], start: int = 0) -> list[int]:
    """The numbers, from start on, of the series that the selector means."""
    tests = [(matcher.name, matcher.test()) for matcher in selector.all()]
    numbers: list[int] = []
    for number in range(start, len(series)):
        labels = dict(series[number])
        if all(test(labels.get(name, "")) for name, test in tests):
            numbers.append(number)
    return numbers


class Selection(Growing):
    """The series of a selector in a store, in the order in which they came.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> store = SeriesStore()
    >>> table = store.table("api", [labels_of(__name__="up", job="api")])
    >>> selection = Selection(Selector("up", ()), store)
    >>> selection.labels
    [(('__name__', 'up'), ('job', 'api'))]
    >>> _ = table.ensure_columns([labels_of(__name__="down"), labels_of(__name__="up", job="web")])
    >>> selection.grow(); [column.where for column in selection.parts]
    [array([0, 2])]
    """

    def __init__(self, selector: Selector, store: SeriesStore) -> None:
        self.selector = selector
        self.store = store
        self.tests = [(matcher.name, matcher.test()) for matcher in selector.matchers]
        self.looked_at = 0  # so many of the store's series of that name
        self.labels: list[Labels] = []
        self.found: dict[str, tuple[list[int], list[int]]] = {}  # by table: columns and rows
        self.parts: list[Columns] = []
        self.grow()

    def grow(self) -> None:
        """Take in the series that the store has come to hold."""
        places = self.store.index.postings(self.selector.name)
        if len(places) == self.looked_at:
            return
        before = len(self.labels)
        for table, number in places[self.looked_at :]:
            labels = dict(table.series[number])
            if all(test(labels.get(name, "")) for name, test in self.tests):
                columns, rows = self.found.setdefault(table.name, ([], []))
                columns.append(number)
                rows.append(len(self.labels))
                self.labels.append(table.series[number])
        self.looked_at = len(places)
        if len(self.labels) > before:
            self.parts = [
                Columns(self.store.tables[name], together(columns), len(columns), together(rows))
                for name, (columns, rows) in self.found.items()
            ]


def together(numbers: list[int]) -> slice | Ints:
    """Numbers to index by: a slice, which copies nothing, where they follow each other.

    Examples
    --------
    >>> together([2, 3, 4]), together([2, 4]).tolist()
    (slice(2, 5, None), [2, 4])
    """
    if not numbers:
        return slice(0, 0)
    first, last = numbers[0], numbers[-1]
    if last - first + 1 == len(numbers):
        return slice(first, last + 1)
    return np.array(numbers, dtype=np.int64)
