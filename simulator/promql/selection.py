"""Label matchers, selectors, and the selected series of a store."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.growth import Growing
from simulator.telemetry.re2_patterns import compile_pattern
from simulator.telemetry.store import Ints, Labels, SeriesStore, SeriesTable

OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


class Matcher(NamedTuple):
    """A label matcher; a missing label counts as empty."""

    name: str
    op: str
    value: str

    def predicate(self) -> Callable[[str], bool]:
        """The test of the label's value."""
        if self.op == "=":
            return self.value.__eq__
        if self.op == "!=":
            return self.value.__ne__
        regex = anchored_regex(self.value)
        if self.op == "=~":
            return lambda value: regex.fullmatch(value) is not None
        return lambda value: regex.fullmatch(value) is None

    def __str__(self) -> str:
        text = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{text}"'


class Selector(NamedTuple):
    """A vector selector: the metric's name and the label matchers.

    Examples
    --------
    >>> str(Selector("up", (Matcher("job", "=~", "a|b"),)))
    'up{job=~"a|b"}'
    """

    name: str | None
    matchers: tuple[Matcher, ...]

    def all_matchers(self) -> tuple[Matcher, ...]:
        """The matchers, including that of the name."""
        if self.name is None:
            return self.matchers
        return (Matcher("__name__", "=", self.name), *self.matchers)

    def __str__(self) -> str:
        inner = ", ".join(str(matcher) for matcher in self.matchers)
        return f"{self.name or ''}{{{inner}}}" if inner else str(self.name)


class TableColumns(NamedTuple):
    """The selected columns of one table.

    `indices` is a slice where the columns are adjacent, else their numbers; `rows` are the
    selection's rows for them, in the same order.
    """

    table: SeriesTable
    indices: slice | Ints
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
    """The selector of a syntax tree's VectorSelector."""
    if node.matchers.or_matchers:
        raise Unsupported("`or` between label matchers is not Prometheus' PromQL")
    matchers = [Matcher(m.name, OPERATORS[str(m.op)], m.value) for m in node.matchers.matchers]
    for matcher in matchers:
        matcher.predicate()  # reject a bad pattern before any series exists
    return Selector(node.name, tuple(matchers))


def selected_indices(selector: Selector, series: Sequence[Labels]) -> list[int]:
    """The indices of the series that a selector matches.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> up = Selector("up", (Matcher("job", "!=", ""),))
    >>> selected_indices(up, [labels_of(__name__="up"), labels_of(__name__="up", job="a")])
    [1]
    """
    predicates = [(matcher.name, matcher.predicate()) for matcher in selector.all_matchers()]
    indices: list[int] = []
    for i, label_set in enumerate(series):
        labels = dict(label_set)
        if all(predicate(labels.get(name, "")) for name, predicate in predicates):
            indices.append(i)
    return indices


class Selection(Growing):
    """The series of a store that a selector matches, in order of creation.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> store = SeriesStore()
    >>> table = store.table("api", [labels_of(__name__="up", job="api")])
    >>> selection = Selection(Selector("up", ()), store)
    >>> selection.labels
    [(('__name__', 'up'), ('job', 'api'))]
    >>> _ = table.ensure_columns([labels_of(__name__="down"), labels_of(__name__="up", job="web")])
    >>> selection.grow(); [columns.indices for columns in selection.by_table]
    [array([0, 2])]
    """

    def __init__(self, selector: Selector, store: SeriesStore) -> None:
        self.selector = selector
        self.store = store
        self.labels: list[Labels] = []
        self.by_table: list[TableColumns] = []
        self._predicates = [(matcher.name, matcher.predicate()) for matcher in selector.matchers]
        self._scanned = 0  # postings of the metric
        self._numbers: dict[str, tuple[list[int], list[int]]] = {}  # by table: columns and rows
        self.grow()

    def grow(self) -> None:
        """Take in the series that the store has got since."""
        postings = self.store.index.postings(self.selector.name)
        if len(postings) == self._scanned:
            return
        before = len(self.labels)
        for table, column in postings[self._scanned :]:
            labels = dict(table.series[column])
            if all(predicate(labels.get(name, "")) for name, predicate in self._predicates):
                columns, rows = self._numbers.setdefault(table.name, ([], []))
                columns.append(column)
                rows.append(len(self.labels))
                self.labels.append(table.series[column])
        self._scanned = len(postings)
        if len(self.labels) > before:
            self.by_table = [
                TableColumns(
                    self.store.tables[name], as_index(columns), len(columns), as_index(rows)
                )
                for name, (columns, rows) in self._numbers.items()
            ]


def as_index(numbers: list[int]) -> slice | Ints:
    """Numbers to index an array by: a slice, which copies nothing, where they are consecutive.

    Examples
    --------
    >>> as_index([2, 3, 4]), as_index([2, 4]).tolist()
    (slice(2, 5, None), [2, 4])
    """
    if not numbers:
        return slice(0, 0)
    first, last = numbers[0], numbers[-1]
    if last - first + 1 == len(numbers):
        return slice(first, last + 1)
    return np.array(numbers, dtype=np.int64)
