"""What plans over one store have in common, so that it is worked out once.

Rules are evaluated many at a time, and ask for much the same: the rate of other columns of
the same table over the same five minutes, the same sum as a numerator here and a denominator
there. Numpy takes as long for one column as for fifty, so what they share is the larger part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import promql_parser as parser

from simulator.promql.growth import Anew
from simulator.promql.plan_nodes import Batch, Times, VectorNode
from simulator.promql.selection import Selection, Selector, together
from simulator.promql.syntax import parse
from simulator.promql.window import Kernel, Side, Window
from simulator.telemetry.store import Bools, Floats, Ints, Labels, SeriesStore, SeriesTable

# What stands for something else in another query: `@` is numbered, new values change the plan.
OWN = ("@", "count_values", "\\")


class SharedRange:
    """One function of one range of a table, for all the columns that any rule asks for.

    Parameters
    ----------
    table : SeriesTable
    side : 'left' or 'right'
        Whether a sample at the very start counts ('left') or not.
    kernel : Kernel
    """

    def __init__(self, table: SeriesTable, side: Side, kernel: Kernel) -> None:
        self.table, self.side, self.kernel = table, side, kernel
        self.columns: Ints = np.zeros(0, dtype=np.int64)
        self.where: slice | Ints = slice(0, 0)
        self._asked: tuple[Any, ...] = ()
        self._answer: tuple[Floats, Bools] | None = None

    def join(self, numbers: Ints) -> None:
        """Answer for these columns too."""
        columns = np.union1d(self.columns, numbers)
        if len(columns) > len(self.columns):
            self.columns, self.where = columns, together(columns.tolist())
            self._asked = ()

    def place(self, numbers: Ints) -> slice | Ints:
        """Where columns lie in the answer; holds until there are more `columns`."""
        return together(self.columns.searchsorted(numbers).tolist())

    def at(self, start: int, end: int, given: Sequence[float]) -> tuple[Floats, Bools] | None:
        """Values and presence of all `columns` between two moments, ms; None without samples."""
        asked = (start, end, self.table.newest.writes, *given)
        if asked != self._asked:
            window = Window.of(self.table, self.where, len(self.columns), start, end, self.side)
            self._answer = None if window.empty else self.kernel(window, given)
            self._asked = asked
        return self._answer


class Repeated(VectorNode):
    """An expression that several rules contain: its answer is kept until time or samples move."""

    def __init__(self, inner: VectorNode, selections: Sequence[Selection]) -> None:
        self.inner, self.labels, self.order = inner, inner.labels, inner.order
        self.sure = inner.sure
        self.selections = list(selections)
        self.over = False  # it could not grow: what reads it is to be made anew
        self._asked: tuple[int, ...] = ()
        self._answer: Batch
        # A series that makes no new row, as of a sum, may lie in a table that is new to it.
        self.reads(inner, *selections)

    def grow(self) -> None:
        """Take in what came; refuses for ever what it refused once, whoever reads it."""
        if self.over:
            raise Anew
        try:
            super().grow()
        except Anew:
            self.over = True
            raise

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        found = {part.table.name: part.table for one in self.selections for part in one.parts}
        self.tables = list(found.values())
        self._asked = ()

    def holds(self) -> bool:
        """Whether it is good for a plan that is made now."""
        try:
            self.grow()
        except Anew:
            return False
        return True

    def at(self, times: Times) -> Batch:
        if len(times.ms) != 1:
            return self.inner.at(times)
        writes = [table.newest.writes for table in self.tables]
        asked = (int(times.ms[0]), times.start, times.end, *writes)
        if asked != self._asked:
            self._answer, self._asked = self.inner.at(times), asked
        return self._answer


class Sharing:
    """What plans over one store share: selections always, ranges and repeated parts of rules.

    Parameters
    ----------
    store : SeriesStore
    rules : iterable of str, optional
        Expressions that will be evaluated at the same moments.

    Examples
    --------
    >>> sorted(Sharing(SeriesStore(), ["sum(up) > 1", "sum(up) < 5", "up"]).repeated)
    ['sum(up{})']
    """

    def __init__(self, store: SeriesStore, rules: Iterable[str] | None = None) -> None:
        self.store = store
        self.selections: dict[Selector, Selection] = {}
        self.ranges: dict[Any, SharedRange] | None = None if rules is None else {}
        counts = Counter(text for rule in rules or () for text in _parts(rule))
        self.repeated = {text for text, times in counts.items() if times > 1}
        self.nodes: dict[str, Repeated] = {}

    def selection(self, selector: Selector) -> Selection:
        """The series of a selector, as of now."""
        found = self.selections.get(selector)
        if found is None:
            found = self.selections[selector] = Selection(selector, self.store)
        else:
            found.grow()
        return found


def _parts(rule: str) -> list[str]:
    """The texts of what a rule works out on the way."""
    return [str(tree) for tree in _worked_out(parse(rule).tree)] if sharable(rule) else []


def sharable(expr: str) -> bool:
    """Whether the text of each of its parts says all about it.

    Examples
    --------
    >>> sharable("sum(up)"), sharable("sum(up @ 100)")
    (True, False)
    """
    return not any(own in expr for own in OWN)


def _worked_out(tree: Any) -> Iterable[Any]:
    if isinstance(tree, parser.AggregateExpr | parser.BinaryExpr | parser.Call):
        yield tree
    match tree:
        case parser.BinaryExpr():
            inner = [tree.lhs, tree.rhs]
        case parser.Call():
            inner = list(tree.args)
        case parser.VectorSelector() | parser.MatrixSelector():
            inner = []
        case _:
            inner = [tree.expr] if hasattr(tree, "expr") else []
    for one in inner:
        yield from _worked_out(one)
