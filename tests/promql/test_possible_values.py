"""Every result lies in the range of possible values."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.promql.possible_values import PossibleValues
from simulator.telemetry.store import SeriesStore, is_sample, labels_of
from simulator.telemetry.value_ranges import ANY, ValueRange, value_range
from tests.promql import expressions

TOLERANCE = 1e-9  # for sums in another order


def filled_store(series):
    store = SeriesStore()
    table = store.table("a", list(series))
    for row, values in enumerate(zip(*series.values(), strict=True)):
        table.append(row * expressions.STEP, np.array(values))
    return store


def ranges_of(store):
    """The range of each metric's samples."""
    ranges = {}
    for table in store.tables.values():
        for column, labels in enumerate(table.series):
            values = table.values[:, column]
            values = values[is_sample(values) & ~np.isnan(values)]
            if len(values):
                name = dict(labels)["__name__"]
                old = ranges.get(name, ValueRange(np.inf, -np.inf))
                ranges[name] = ValueRange(
                    min(old.low, float(values.min())), max(old.high, float(values.max()))
                )
    return lambda name: ranges.get(name, ANY)


queries = st.recursive(expressions.selector(), expressions.compound, max_leaves=4)


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # shrinking the large examples takes minutes
)
@given(
    series=expressions.scrapes(),
    expr=queries,
    limit=expressions.small,
    op=st.sampled_from(["<", ">", "<=", ">=", "=="]),
)
def test_every_result_lies_in_the_range(series, expr, limit, op):
    store, expr = filled_store(series), expr.replace("CASE", 'case=""')
    for query in (expr, f"({expr}) {op} {limit:g}", f"{limit:g} {op} ({expr})"):
        possible = PossibleValues(store, ranges_of(store), 2)
        try:
            values_range, engine = possible.of(query), Engine(store, 2)
            results = [engine.query(query, t) for t in range(0, expressions.LATEST, 90_000)]
        except PromQLError:
            return
        for result in results:
            values = np.array([result.scalar] if result.kind == "scalar" else result.values)
            values = values[~np.isnan(values)]
            if result.kind == "matrix" or not len(values):
                continue
            assert values_range is not None, (query, possible.reasons)
            slack = TOLERANCE * max(1.0, float(np.abs(values[np.isfinite(values)]).max(initial=0)))
            assert values.min() >= values_range.low - slack, (query, values_range)
            assert values.max() <= values_range.high + slack, (query, values_range)


@pytest.mark.parametrize(
    ("expr", "low", "high"),
    [
        ("miss_ratio", 0, 1),
        ("1 - avg(miss_ratio)", 0, 1),
        ("100 * (1 - avg(miss_ratio))", 0, 100),
        ("sum(miss_ratio)", 0, np.inf),
        ("-up", -1, 0),
        ("miss_ratio > bool 0.5", 0, 1),
        ("(miss_ratio > 0.5) < 0.7", 0.5, 0.7),
        ("max_over_time(miss_ratio[5m])", 0, 1),
        ("quantile(0.9, miss_ratio)", 0, 1),
        ("absent(no_such_thing)", 1, 1),
        ("time()", 0, np.inf),
    ],
)
def test_the_range_of(expr, low, high):
    store = SeriesStore()
    store.table("a", [labels_of(__name__=name, job="a") for name in ("miss_ratio", "up")])
    values_range = PossibleValues(store, value_range).of(expr)
    assert (values_range.low, values_range.high) == (low, high)
