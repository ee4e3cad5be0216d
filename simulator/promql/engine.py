"""Queries over a store: plans made once per expression, which grow with the store."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.promql.builders import CALLS
from simulator.promql.dialect import Dialect
from simulator.promql.errors import PromQLError
from simulator.promql.growth import ReplanNeeded
from simulator.promql.plan_nodes import (
    EvalTimes,
    Node,
    RangeNode,
    ScalarNode,
    StringNode,
    VectorNode,
)
from simulator.promql.planner import Planner
from simulator.promql.selection import Selection
from simulator.promql.sharing import SharedWork
from simulator.promql.syntax import parse
from simulator.telemetry.store import Floats, Ints, Labels, SeriesStore
from simulator.units import did_you_mean, format_value

POINTS = 11_000  # limit of a range query, as in Prometheus
MAX_SEEN_VALUES = 10_000  # distinct values of one count_values before its plan starts again


@dataclass
class Result:
    """The result of a query: the samples that are present.

    Attributes
    ----------
    kind : str
        'vector', 'scalar', 'string' or 'matrix'.
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

        For a matrix it is the newest sample of the first series.
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
    """One expression, planned over one store; the plan grows with new series.

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
        self, text: str, store: SeriesStore, dialect: Dialect, shared: SharedWork | None = None
    ) -> None:
        self.text, self.store, self.dialect = text, store, dialect
        self.shared = SharedWork(store) if shared is None else shared
        try:
            self.parsed = parse(text)
        except PromQLError as problem:
            unknown = re.search(r"unknown function with name '(\w+)'", str(problem))
            if unknown is None:
                raise
            raise PromQLError(f"{problem}{did_you_mean(unknown[1], CALLS)}") from None
        self.seen_values: dict[int, dict[str, float]] = {}  # of each count_values
        self.selections: list[Selection] = []
        self._replan()

    def at(self, t: int) -> Result:
        """The result at one time, ms."""
        with np.errstate(all="ignore"):
            return self.at_inside_errstate(t)

    def at_inside_errstate(self, t: int) -> Result:
        """`at` for callers that have silenced numpy already: once for many plans."""
        if self.version != self.store.version:
            self._grow()
        while True:
            try:
                return self._instant_result(t)
            except ReplanNeeded:
                self._replan()

    def over(self, start: int, end: int, step: int) -> Result:
        """The results at start, start + step, … up to end, as series."""
        if self.version != self.store.version:
            self._grow()
        if (end - start) // step > POINTS:
            raise PromQLError(f"exceeded maximum resolution of {POINTS:,} points per timeseries")
        times = EvalTimes(np.arange(start, end + 1, step, dtype=np.int64), start, end)
        with np.errstate(all="ignore"):
            while True:
                try:
                    return self._range_result(times)
                except ReplanNeeded:
                    self._replan()

    @property
    def is_sorted(self) -> bool:
        """Whether the query itself sorts an instant result: `sort`, `topk` and the like."""
        return isinstance(self.root, VectorNode) and bool(self.root.order)

    def _replan(self) -> None:
        for values in self.seen_values.values():
            if len(values) > MAX_SEEN_VALUES:
                values.clear()
        planner = Planner(self.parsed, self.dialect, self.shared, CALLS, self.seen_values)
        self.version = self.store.version
        self.root: Node = planner.node(self.parsed.tree)
        self.selections = planner.selections
        self._sizes = [len(selection.labels) for selection in self.selections]

    def _grow(self) -> None:
        for selection in self.selections:
            selection.grow()
        self.version = self.store.version
        # Another plan may have grown the shared selections: compare with the sizes taken in here.
        sizes = [len(selection.labels) for selection in self.selections]
        if sizes != self._sizes:
            try:
                self.root.grow()
                self._sizes = sizes
            except ReplanNeeded:
                self._replan()

    def _instant_result(self, t: int) -> Result:
        root, times = self.root, EvalTimes.at(t)
        if isinstance(root, VectorNode):
            values, present = root.at(times)
            rows = present[0].nonzero()[0]
            if not len(rows):
                return Result("vector")
            samples = values[0][rows]
            if root.order:
                order = _sort_order(samples, root.order)
                rows, samples = rows[order], samples[order]
            if len(rows) == len(root.labels) and not root.order:
                return Result("vector", list(root.labels), samples)
            return Result("vector", [root.labels[i] for i in rows.tolist()], samples)
        if isinstance(root, ScalarNode):
            return Result("scalar", scalar=float(root.at(times)[0]))
        if isinstance(root, StringNode):
            return Result("string", text=root.text)
        return _matrix(root, t, times)

    def _range_result(self, times: EvalTimes) -> Result:
        root = self.root
        if isinstance(root, ScalarNode):
            return Result("matrix", [()], series=[(times.ms, root.at(times))])
        if not isinstance(root, VectorNode):
            kind = "string" if isinstance(root, StringNode) else "range vector"
            allowed = "must be Scalar or instant Vector"
            raise PromQLError(f'invalid expression type "{kind}" for range query, {allowed}')
        values, present = root.at(times)
        columns_of: dict[Labels, list[int]] = {}
        for column in np.flatnonzero(present.any(axis=0)).tolist():
            columns_of.setdefault(root.labels[column], []).append(column)
        result = Result("matrix", list(columns_of))
        for columns in columns_of.values():  # at any time at most one of them is present
            rows, numbers = present[:, columns].nonzero()
            result.series.append((times.ms[rows], values[:, columns][rows, numbers]))
        return result


class Engine:
    """Evaluates queries over a store.

    Parameters
    ----------
    dialect : int
        2 or 3, the major version of Prometheus.
    lookback_delta : int, ms
        The age up to which a sample is current.
    epoch : int, ms since 1970
        The wall-clock time of time 0: for `time()`, `hour()`, `@` and the like.

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
        self, store: SeriesStore, dialect: int = 3, lookback_delta: int = 300_000, epoch: int = 0
    ) -> None:
        if dialect not in (2, 3):
            raise ValueError(f"dialect must be 2 or 3, not {dialect!r}")
        self.store = store
        self.dialect = Dialect(dialect, lookback_delta, epoch=epoch)
        self.plans: dict[str, Plan] = {}
        self.shared = SharedWork(store)

    def compile(self, expr: str) -> Plan:
        """The plan of an expression; raises PromQLError if it is invalid."""
        if not isinstance(expr, str):
            raise PromQLError(f"given {format_value(expr)}, expected a text")
        plan = self.plans.get(expr)
        if plan is None:
            plan = self.plans[expr] = Plan(expr, self.store, self.dialect, self.shared)
        return plan

    def compile_rules(self, exprs: Sequence[str]) -> list[Plan]:
        """Plans that share work: of expressions that are evaluated at the same times."""
        shared = SharedWork(self.store, exprs)
        return [Plan(expr, self.store, self.dialect, shared) for expr in exprs]

    def query(self, expr: str, t: int) -> Result:
        """The result of an instant query at t, ms."""
        return self.compile(expr).at(t)

    def query_range(self, expr: str, start: int, end: int, step: int) -> Result:
        """The result of a range query, as series."""
        return self.compile(expr).over(start, end, step)


def _sort_order(values: Floats, order: str) -> Ints:
    """Indices that sort the values, NaN last."""
    is_nan = np.isnan(values)
    key = np.where(is_nan, 0.0, values if order == "asc" else -values)
    return np.lexsort((key, is_nan))


def _matrix(root: RangeNode, t: int, times: EvalTimes) -> Result:
    result = Result("matrix")
    for rows, window in root.windows(t, times):
        row_numbers = np.arange(len(root.labels))[rows].tolist()
        for column in range(window.columns):
            count = int(window.count[column])
            if count:
                sample_times: Ints = np.broadcast_to(window.times, window.values.shape)
                result.labels.append(root.labels[row_numbers[column]])
                result.series.append((sample_times[:count, column], window.values[:count, column]))
    return result
