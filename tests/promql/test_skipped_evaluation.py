"""Vectors without a use are not evaluated, unless evaluating them could fail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.promql.functions.over_time import average_2
from simulator.promql.plan_nodes import EmptyVector, ScalarNode, VectorNode
from simulator.promql.window import Window
from simulator.telemetry.store import SeriesStore, labels_of
from tests.promql.test_sharing import SERIES, outcome, part, row

# Expressions that can fail: equal label sets, many-to-many matching, an invalid k.
FALLIBLE = ["{__name__=~'.+_total'} + 0", "level * on () level", "topk(scalar(level), level)"]
PAIRS = ["{0} and {1}", "{0} unless {1}", "({0} > 5) and {1}", "{0} and ({1} and {0})"]

pair = st.builds(str.format, st.sampled_from(PAIRS), part, part | st.sampled_from(FALLIBLE))


def evaluate_all(node):
    """Mark the node and all below it as fallible, so that nothing is skipped."""
    node.cannot_fail = False
    for inner in vars(node).values():
        for child in inner if isinstance(inner, list | tuple) else [inner]:
            if isinstance(child, VectorNode | ScalarNode):
                evaluate_all(child)


@settings(deadline=None)
@given(pair, st.lists(row, min_size=1, max_size=6), st.integers(1, 3).map(lambda n: 2 * n))
def test_skipping_does_not_change_results(expr, rows, columns):
    store = SeriesStore()
    table = store.table("scraped", SERIES[:columns])
    try:
        lean, full = Engine(store).compile(expr), Engine(store).compile(expr)
    except PromQLError:
        return  # a set operation on scalars is invalid
    evaluate_all(full.root)
    for number, values in enumerate(rows):
        table.append(number * 15_000, np.array(values[:columns]))
        t = number * 15_000
        np.testing.assert_equal(outcome(lean, t), outcome(full, t))


def test_an_error_is_raised_even_where_the_result_is_empty():
    store = SeriesStore()
    store.table("scraped", SERIES).append(0, np.ones(len(SERIES)))
    with pytest.raises(PromQLError, match="many-to-many"):
        Engine(store).query("level > 5 and level * on () level", 0)


def test_an_expression_over_an_unknown_metric_is_an_empty_vector():
    store = SeriesStore()
    store.table("scraped", [labels_of(__name__="up")]).append(0, np.array([1.0]))
    engine = Engine(store)
    assert isinstance(engine.compile("sum by (job) (rate(gone[5m])) / 2 > 1").root, EmptyVector)
    assert engine.query("absent(sum(rate(gone[5m])))", 0).values.tolist() == [1.0]
    assert engine.query("up or gone", 0).values.tolist() == [1.0]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 50))
def test_the_mean_of_equal_values_equals_the_incremental_mean(value, samples):
    times = np.arange(samples) * 15_000
    constant = np.full((samples, 1), value)
    varying = np.column_stack((constant, np.arange(float(samples))))  # computed incrementally
    alone, _ = average_2(Window(times, constant, 1, -1, int(times[-1])), ())
    beside, _ = average_2(Window(times, varying, 2, -1, int(times[-1])), ())
    assert alone[0] == beside[0]
    assert np.signbit(alone[0]) == np.signbit(beside[0])
