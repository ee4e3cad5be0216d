"""Work that plans over one store share: selections, ranges and common subexpressions.

The rules of a group read much the same: the rate of other columns of the same table over the
same five minutes, the same sum as a numerator here and a denominator there. numpy takes as
long for one column as for fifty, so most of the work can be shared.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import promql_parser as parser

from simulator.promql.growth import ReplanNeeded
from simulator.promql.plan_nodes import EvalTimes, VectorNode, Vectors
from simulator.promql.selection import Selection, Selector, as_index
from simulator.promql.syntax import parse
from simulator.promql.window import Kernel, KernelResult, Side, Window
from simulator.telemetry.store import Ints, Labels, SeriesStore, SeriesTable

# Texts that mean something else in another query: `@` times are numbered per query, and new
# values of count_values change the plan.
NOT_SHAREABLE = ("@", "count_values", "\\")


class SharedRange:
    """One kernel over one range of a table, for the columns of every rule that reads it.

    Parameters
    ----------
    side : 'left' or 'right'
        Whether a sample at the very start counts ('left') or not.
    """

    def __init__(self, table: SeriesTable, side: Side, kernel: Kernel) -> None:
        self.table, self.side, self.kernel = table, side, kernel
        self.columns: Ints = np.zeros(0, dtype=np.int64)
        self.index: slice | Ints = slice(0, 0)
        self._cache_key: tuple[Any, ...] = ()
        self._cached: KernelResult | None = None

    def add_columns(self, numbers: Ints) -> None:
        """Compute these columns too."""
        columns = np.union1d(self.columns, numbers)
        if len(columns) > len(self.columns):
            self.columns, self.index = columns, as_index(columns.tolist())
            self._cache_key = ()

    def positions(self, numbers: Ints) -> slice | Ints:
        """Positions of columns in the result; valid until `columns` grows."""
        return as_index(self.columns.searchsorted(numbers).tolist())

    def at(self, start: int, end: int, arguments: Sequence[float]) -> KernelResult | None:
        """The result for all `columns` between two times, ms; None without samples."""
        key = (start, end, self.table.newest.writes, *arguments)
        if key != self._cache_key:
            columns = len(self.columns)
            window = Window.between(self.table, self.index, columns, start, end, self.side)
            self._cached = None if window.empty else self.kernel(window, arguments)
            self._cache_key = key
        return self._cached


class CommonSubexpression(VectorNode):
    """An expression that several rules contain: its result is cached per time and write."""

    def __init__(self, inner: VectorNode, selections: Sequence[Selection]) -> None:
        self.inner, self.labels, self.order = inner, inner.labels, inner.order
        self.cannot_fail = inner.cannot_fail
        self.selections = list(selections)
        self._outgrown = False  # growing failed: its readers need new plans
        self._cache_key: tuple[int, ...] = ()
        self._cached: Vectors
        # A series without a new row (as in a sum) may still lie in a new table.
        self.read_from(inner, *selections)

    def grow(self) -> None:
        """Take in new rows; once this has failed it fails for every reader."""
        if self._outgrown:
            raise ReplanNeeded
        try:
            super().grow()
        except ReplanNeeded:
            self._outgrown = True
            raise

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        tables = {c.table.name: c.table for s in self.selections for c in s.by_table}
        self.tables = list(tables.values())
        self._cache_key = ()

    def is_current(self) -> bool:
        """Whether a new plan can use it."""
        try:
            self.grow()
        except ReplanNeeded:
            return False
        return True

    def at(self, times: EvalTimes) -> Vectors:
        if len(times.ms) != 1:
            return self.inner.at(times)
        writes = [table.newest.writes for table in self.tables]
        key = (int(times.ms[0]), times.start, times.end, *writes)
        if key != self._cache_key:
            self._cached, self._cache_key = self.inner.at(times), key
        return self._cached


class SharedWork:
    """Selections of all plans over a store; ranges and common subexpressions of rules.

    Parameters
    ----------
    rules : iterable of str, optional
        Expressions that are evaluated at the same times.

    Examples
    --------
    >>> sorted(SharedWork(SeriesStore(), ["sum(up) > 1", "sum(up) < 5", "up"]).repeated)
    ['sum(up{})']
    """

    def __init__(self, store: SeriesStore, rules: Iterable[str] | None = None) -> None:
        self.store = store
        self.selections: dict[Selector, Selection] = {}
        self.ranges: dict[Any, SharedRange] | None = None if rules is None else {}
        counts = Counter(text for rule in rules or () for text in _subexpression_texts(rule))
        self.repeated = {text for text, count in counts.items() if count > 1}
        self.nodes: dict[str, CommonSubexpression] = {}

    def selection(self, selector: Selector) -> Selection:
        """The current series of a selector."""
        selection = self.selections.get(selector)
        if selection is None:
            selection = self.selections[selector] = Selection(selector, self.store)
        else:
            selection.grow()
        return selection


def _subexpression_texts(rule: str) -> list[str]:
    return [str(tree) for tree in _subexpressions(parse(rule).tree)] if is_shareable(rule) else []


def is_shareable(expr: str) -> bool:
    """Whether the text of each subexpression determines its value.

    Examples
    --------
    >>> is_shareable("sum(up)"), is_shareable("sum(up @ 100)")
    (True, False)
    """
    return not any(text in expr for text in NOT_SHAREABLE)


def _subexpressions(tree: Any) -> Iterable[Any]:
    if isinstance(tree, parser.AggregateExpr | parser.BinaryExpr | parser.Call):
        yield tree
    match tree:
        case parser.BinaryExpr():
            children = [tree.lhs, tree.rhs]
        case parser.Call():
            children = list(tree.args)
        case parser.VectorSelector() | parser.MatrixSelector():
            children = []
        case _:
            children = [tree.expr] if hasattr(tree, "expr") else []
    for child in children:
        yield from _subexpressions(child)
