"""A vector that nobody has a use for is not asked for, and whoever would be refused still is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.promql.functions.over_time import average_2
from simulator.promql.plan_nodes import ScalarNode, VectorNode
from simulator.promql.window import Window
from simulator.telemetry.store import SeriesStore, labels_of
from tests.promql.test_sharing import SERIES, answered, part, row

# What may be refused: two of a label set, many to many, a number that topk does not like.
PICKY = ["{__name__=~'.+_total'} + 0", "level * on () level", "topk(scalar(level), level)"]
PAIRS = ["{0} and {1}", "{0} unless {1}", "({0} > 5) and {1}", "{0} and ({1} and {0})"]

pair = st.builds(str.format, st.sampled_from(PAIRS), part, part | st.sampled_from(PICKY))


def unsure(node):
    """The same node, which asks everything of all below it."""
    node.sure = False
    for inner in vars(node).values():
        for child in inner if isinstance(inner, list | tuple) else [inner]:
            if isinstance(child, VectorNode | ScalarNode):
                unsure(child)


@settings(deadline=None)
@given(pair, st.lists(row, min_size=1, max_size=6), st.integers(1, 3).map(lambda n: 2 * n))
def test_asking_for_less_is_as_asking_for_all(expr, rows, columns):
    store = SeriesStore()
    table = store.table("scraped", SERIES[:columns])
    try:
        lean, whole = Engine(store).compile(expr), Engine(store).compile(expr)
    except PromQLError:
        return  # sets of scalars: no query at all
    unsure(whole.root)
    for number, values in enumerate(rows):
        table.append(number * 15_000, np.array(values[:columns]))
        t = number * 15_000
        np.testing.assert_equal(answered(lean, t), answered(whole, t))


def test_what_would_be_refused_is_refused_though_nothing_comes_of_it():
    store = SeriesStore()
    store.table("scraped", SERIES).append(0, np.ones(len(SERIES)))
    with pytest.raises(PromQLError, match="many-to-many"):
        Engine(store).query("level > 5 and level * on () level", 0)


def test_a_metric_that_nobody_has_is_nothing_even_in_a_long_expression():
    store = SeriesStore()
    store.table("scraped", [labels_of(__name__="up")]).append(0, np.array([1.0]))
    engine = Engine(store)
    assert type(engine.compile("sum by (job) (rate(gone[5m])) / 2 > 1").root).__name__ == "Nothing"
    assert engine.query("absent(sum(rate(gone[5m])))", 0).values.tolist() == [1.0]
    assert engine.query("up or gone", 0).values.tolist() == [1.0]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 50))
def test_the_mean_of_equal_values_is_what_the_steps_would_give(value, samples):
    times = np.arange(samples) * 15_000
    still = np.full((samples, 1), value)
    moving = np.column_stack((still, np.arange(float(samples))))  # takes the steps
    alone, _ = average_2(Window(times, still, 1, -1, int(times[-1])), ())
    beside, _ = average_2(Window(times, moving, 2, -1, int(times[-1])), ())
    assert alone[0] == beside[0]
    assert np.signbit(alone[0]) == np.signbit(beside[0])
