"""What is proved of an expression holds of every answer to it."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.promql.possible_values import PossibleValues
from simulator.telemetry.store import SeriesStore, is_sample, labels_of
from simulator.telemetry.value_ranges import ANY, ValueRange, value_range
from tests.promql import expressions

NEAR = 1e-9  # of sums in another order


def filled(series):
    store = SeriesStore()
    table = store.table("a", list(series))
    for row, values in enumerate(zip(*series.values(), strict=True)):
        table.append(row * expressions.STEP, np.array(values))
    return store


def ranges_of(store):
    """The range that each metric really has."""
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


queries = st.recursive(expressions.selector(), expressions.bigger, max_leaves=4)


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # the examples are large, and made smaller for minutes
)
@given(
    series=expressions.scrapes(),
    expr=queries,
    limit=expressions.small,
    op=st.sampled_from(["<", ">", "<=", ">=", "=="]),
)
def test_no_answer_lies_outside_of_what_was_proved(series, expr, limit, op):
    store, expr = filled(series), expr.replace("CASE", 'case=""')
    for asked in (expr, f"({expr}) {op} {limit:g}", f"{limit:g} {op} ({expr})"):
        reach = PossibleValues(store, ranges_of(store), 2)
        try:
            proved, engine = reach.of(asked), Engine(store, 2)
            results = [engine.query(asked, t) for t in range(0, expressions.LATEST, 90_000)]
        except PromQLError:
            return
        for result in results:
            values = np.array([result.scalar] if result.kind == "scalar" else result.values)
            values = values[~np.isnan(values)]
            if result.kind == "matrix" or not len(values):
                continue
            assert proved is not None, (asked, reach.why)
            slack = NEAR * max(1.0, float(np.abs(values[np.isfinite(values)]).max(initial=0)))
            assert values.min() >= proved.low - slack, (asked, proved)
            assert values.max() <= proved.high + slack, (asked, proved)


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
    proved = PossibleValues(store, value_range).of(expr)
    assert (proved.low, proved.high) == (low, high)
