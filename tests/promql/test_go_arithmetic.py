"""Differences that hypothesis found against a real Prometheus 2.42, as fixed cases."""

import math

import numpy as np
import pytest

from simulator.promql import Engine
from simulator.telemetry.store import SeriesStore, labels_of


def evaluate(expr, column=(1.0,), dialect=2):
    store = SeriesStore()
    table = store.table("t", [labels_of(__name__="x")])
    for n, value in enumerate(column):
        table.append(n * 15_000, np.array([value]))
    return Engine(store, dialect).query(expr, (len(column) - 1) * 15_000).first()


@pytest.mark.parametrize(
    "expr, value",
    [
        ("clamp(x, 0, NaN)", 0.0),  # math.Min(-Inf, NaN) is -Inf
        ("month(x)", 12.0),  # int64(-Inf) is -2^63 seconds
        ("stddev(x)", 0.0),  # the value of a lone sample is ignored
    ],
)
def test_minus_infinity(expr, value):
    assert evaluate(expr, (-math.inf,))[1] == value


def test_half_a_second_before_1970_is_1970():
    assert evaluate("month(vector(-0.5))")[1] == 1.0


def test_minus_zero_is_a_label_of_its_own():
    assert evaluate('count_values("v", x)', (-0.0,))[0] == {"v": "-0"}
    assert math.copysign(1, evaluate("sum(x)", (-0.0,))[1]) == -1


def test_resets_are_added_one_after_the_other():
    column = (1e16, 1.0, 3.0, 1.0)
    increase = ((1.0 - 1e16) + 1e16) + 3.0  # 3; all at once it would be 4
    assert evaluate("increase(x[45s])", column)[1] == increase


def test_a_quantile_past_one_needs_no_last_bucket():
    store = SeriesStore()
    store.table("t", [labels_of(__name__="b", le="1")]).append(0, np.array([5.0]))
    assert Engine(store, 2).query("histogram_quantile(2, b)", 0).first()[1] == math.inf
