"""Queries over a store: plans made once per expression, which grow with the store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.promql.builders import CALLS
from simulator.promql.errors import PromQLError
from simulator.promql.growth import Anew
from simulator.promql.plan_nodes import Node, RangeNode, ScalarNode, StringNode, Times, VectorNode
from simulator.promql.planner import Dialect, Planner
from simulator.promql.selection import Selection
from simulator.promql.sharing import Sharing
from simulator.promql.syntax import parse
from simulator.telemetry.store import Floats, Ints, Labels, SeriesStore
from simulator.units import did_you_mean, format_value

POINTS = 11_000  # of a range query, as in Prometheus
VALUES = 10_000  # distinct values that one count_values may meet before its plan starts again


@dataclass
class Result:
    """What a query yields: the samples that are there.

    Attributes
    ----------
    kind : str
        'vector', 'scalar', 'string' or 'matrix'.
    labels : list of Labels
    values : ndarray, shape (samples,); for a matrix one array per label set in `series`
    scalar : float
        The number of a scalar; NaN for other kinds.

    Examples
    --------
    >>> result = Result("vector", [(("job", "api"),)], np.array([0.5]))
    >>> bool(result), result.first()
    (True, ({'job': 'api'}, 0.5))
    """

    kind: str
    labels: list[Labels] = field(default_factory=list)
    values: Floats = field(default_factory=lambda: np.zeros(0))
    scalar: float = float("nan")
    text: str = ""
    series: list[tuple[Ints, Floats]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.kind in ("scalar", "string") or len(self.labels) > 0

    def __len__(self) -> int:
        return len(self.labels)

    def first(self) -> tuple[dict[str, str], float]:
        """The first sample: its labels and value; a scalar's labels are empty.

        Of a matrix it is the newest sample of the first series.
        """
        if self.kind == "scalar":
            return {}, self.scalar
        if self.series:
            return dict(self.labels[0]), float(self.series[0][1][-1])
        if not len(self.values):
            raise IndexError("the query's result is empty")
        return dict(self.labels[0]), float(self.values[0])

    def rows(self) -> list[tuple[dict[str, str], float]]:
        """Every sample as (labels, value)."""
        pairs = zip(self.labels, self.values.tolist(), strict=True)
        return [(dict(labels), value) for labels, value in pairs]


class Plan:
    """One expression, planned over one store; the plan grows by the series that come.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> store = SeriesStore()
    >>> store.table("api", [labels_of(__name__="up", job="api")]).append(0, np.array([0.0]))
    >>> plan = Engine(store).compile("up == 0")
    >>> plan.at(60_000).rows()
    [({'__name__': 'up', 'job': 'api'}, 0.0)]
    """

    def __init__(
        self, text: str, store: SeriesStore, dialect: Dialect, sharing: Sharing | None = None
    ) -> None:
        self.text, self.store, self.dialect = text, store, dialect
        self.sharing = Sharing(store) if sharing is None else sharing
        try:
            self.parsed = parse(text)
        except PromQLError as problem:
            unknown = re.search(r"unknown function with name '(\w+)'", str(problem))
            if unknown is None:
                raise
            raise PromQLError(f"{problem}{did_you_mean(unknown[1], CALLS)}") from None
        self.known: dict[int, dict[str, float]] = {}
        self.selections: list[Selection] = []
        self._make()

    def at(self, t: int) -> Result:
        """The answer at one moment, ms."""
        with np.errstate(all="ignore"):
            return self.at_inside_errstate(t)

    def at_inside_errstate(self, t: int) -> Result:
        """The same for who has silenced numpy already: once for many plans."""
        if self.version != self.store.version:
            self._look_again()
        while True:
            try:
                return self._answer(t)
            except Anew:
                self._make()

    def over(self, start: int, end: int, step: int) -> Result:
        """The answers at start, start + step, … up to end, as series."""
        if self.version != self.store.version:
            self._look_again()
        if (end - start) // step > POINTS:
            raise PromQLError(f"exceeded maximum resolution of {POINTS:,} points per timeseries")
        moments = np.arange(start, end + 1, step, dtype=np.int64)
        times = Times(moments, start, end)
        with np.errstate(all="ignore"):
            while True:
                try:
                    return self._series(times)
                except Anew:
                    self._make()

    def _make(self) -> None:
        for values in self.known.values():
            if len(values) > VALUES:
                values.clear()
        planner = Planner(self.parsed, self.dialect, self.sharing, CALLS, self.known)
        self.version = self.store.version
        self.root: Node = planner.node(self.parsed.tree)
        self.selections = planner.selections
        self.sizes = [len(selection.labels) for selection in self.selections]

    def _look_again(self) -> None:
        for selection in self.selections:
            selection.grow()
        self.version = self.store.version
        # Another plan may have had them grow: what counts is what this one has taken in.
        sizes = [len(selection.labels) for selection in self.selections]
        if sizes != self.sizes:
            try:
                self.root.grow()
                self.sizes = sizes
            except Anew:
                self._make()

    def _answer(self, t: int) -> Result:
        root, times = self.root, Times.at(t)
        if isinstance(root, VectorNode):
            values, present = root.at(times)
            which = present[0].nonzero()[0]
            if not len(which):
                return Result("vector")
            found = values[0][which]
            if root.order:
                order = _ordered(found, root.order)
                which, found = which[order], found[order]
            if len(which) == len(root.labels) and not root.order:
                return Result("vector", list(root.labels), found)
            return Result("vector", [root.labels[i] for i in which.tolist()], found)
        if isinstance(root, ScalarNode):
            return Result("scalar", scalar=float(root.at(times)[0]))
        if isinstance(root, StringNode):
            return Result("string", text=root.text)
        return _matrix(root, t, times)

    def _series(self, times: Times) -> Result:
        root = self.root
        if isinstance(root, ScalarNode):
            return Result("matrix", [()], series=[(times.ms, root.at(times))])
        if not isinstance(root, VectorNode):
            raise TypeError("only scalars and instant vectors have a course over time")
        values, present = root.at(times)
        columns: dict[Labels, list[int]] = {}
        for column in np.flatnonzero(present.any(axis=0)).tolist():
            columns.setdefault(root.labels[column], []).append(column)
        result = Result("matrix", list(columns))
        for same in columns.values():  # never two of them at one time
            moment, which = present[:, same].nonzero()
            result.series.append((times.ms[moment], values[:, same][moment, which]))
        return result


class Engine:
    """Answers queries over a store.

    Parameters
    ----------
    store : SeriesStore
    dialect : int
        2 or 3, the major version of Prometheus whose rules hold.
    lookback : int, ms
        How old a sample may be and still be current.
    epoch : int, ms since 1970
        What time 0 is on the calendar: for `time()`, `hour()`, `@` and the like.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> store = SeriesStore()
    >>> table = store.table("api", [labels_of(__name__="http_requests_total", code="200")])
    >>> for number in range(21):
    ...     table.append(number * 15_000, np.array([30.0 * number]))
    >>> Engine(store).query("increase(http_requests_total[5m])", 300_000).rows()
    [({'code': '200'}, 600.0)]
    """

    def __init__(
        self, store: SeriesStore, dialect: int = 3, lookback: int = 300_000, epoch: int = 0
    ) -> None:
        if dialect not in (2, 3):
            raise ValueError(f"dialect must be 2 or 3, not {dialect!r}")
        self.store = store
        self.dialect = Dialect(dialect, lookback, epoch=epoch)
        self.plans: dict[str, Plan] = {}
        self.sharing = Sharing(store)

    def compile(self, expr: str) -> Plan:
        """The plan of an expression; raises PromQLError where it can not be right."""
        if not isinstance(expr, str):
            raise PromQLError(f"given {format_value(expr)}, expected a text")
        plan = self.plans.get(expr)
        if plan is None:
            plan = self.plans[expr] = Plan(expr, self.store, self.dialect, self.sharing)
        return plan

    def compile_rules(self, exprs: Sequence[str]) -> list[Plan]:
        """Plans of expressions that will be evaluated at the same moments, as those of rules."""
        sharing = Sharing(self.store, exprs)
        return [Plan(expr, self.store, self.dialect, sharing) for expr in exprs]

    def query(self, expr: str, t: int) -> Result:
        """The answer to an expression at one moment, ms."""
        return self.compile(expr).at(t)

    def query_range(self, expr: str, start: int, end: int, step: int) -> Result:
        """The answers at regular moments, as series."""
        return self.compile(expr).over(start, end, step)


def _ordered(values: Floats, order: str) -> Ints:
    unknown = np.isnan(values)
    key = np.where(unknown, 0.0, values if order == "asc" else -values)
    return np.lexsort((key, unknown))


def _matrix(root: RangeNode, t: int, times: Times) -> Result:
    result = Result("matrix")
    for rows, window in root.windows(t, times):
        labels = np.arange(len(root.labels))[rows].tolist()
        for number in range(window.columns):
            size = int(window.count[number])
            if size:
                stamps: Ints = np.broadcast_to(window.times, window.values.shape)[:size, number]
                result.labels.append(root.labels[labels[number]])
                result.series.append((stamps, window.values[:size, number]))
    return result
