"""A range query equals instant queries at each of its steps, to the last bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.promql.window import Window
from simulator.telemetry.store import MISSING, SeriesStore, labels_of
from tests.promql.expressions import BOUNDS, NAMES, RANGES, ROWS, STEP, of, queries, scrapes

EXPRESSIONS = [
    *(f"{name}(c_total[{length}])" for name in RANGES for length in ("1m", "5m")),
    "quantile_over_time(0.3, a[2m])", "predict_linear(a[5m], 3600)", "holt_winters(a[5m], .5, .5)",
    "predict_linear(c_total[2m] offset 1m, 60)", "avg_over_time(a[5m] @ 300)",
    "sum by (g) (rate(c_total[1m]) / rate(a[2m])) > 0.5", "absent_over_time(b[1m])",
    "histogram_quantile(0.9, sum by (le) (rate(h_bucket[2m])))", "clamp_max(delta(a[1m]), 3)",
    "quantile_over_time(scalar(sum(b)) / 100, a[2m])",
]  # fmt: skip


def without_gaps(seed):
    """Series with a sample at every scrape, for which windows roll."""
    rng = np.random.default_rng(seed)
    names = [(name, g, i) for name in ("a", "b", "c_total") for g in "xy" for i in "12"]
    columns = {
        labels_of(__name__=name, g=g, i=i): rng.integers(-3, 9, ROWS).cumsum().astype(float)
        for name, g, i in names
    }
    buckets = {
        labels_of(__name__="h_bucket", le=le): (number + 1.0) * np.arange(ROWS)
        for number, le in enumerate(BOUNDS)
    }
    return columns | buckets


gapless = st.integers(0, 99).map(without_gaps)
expressions = st.sampled_from(EXPRESSIONS) | queries | st.sampled_from(NAMES).flatmap(of)


@settings(deadline=None)
@given(gapless | scrapes(), st.lists(expressions, min_size=1, max_size=5), st.integers(1, 9))
def test_a_range_query_equals_its_instant_queries(columns, expressions, stride):
    store = SeriesStore()
    table = store.table("scraped", list(columns))
    for row in range(ROWS):
        table.append(row * STEP, np.array([columns[label_set][row] for label_set in table.series]))
    moments = range(STEP, ROWS * STEP + 330_000, stride * STEP)
    for expression in expressions:
        text = expression.replace("CASE", 'nope=""')
        if "start()" in text or "end()" in text:
            continue  # these mean something else in a range query
        plan = Engine(store, dialect=2).compile(text)
        singles, complaints = {}, set()
        for t in moments:
            try:
                single = plan.at(t)
            except PromQLError as problem:
                complaints.add(str(problem))
                continue
            if single.kind == "scalar":
                singles[(), t] = single.scalar
            singles |= {
                (n, t): v for n, v in zip(single.labels, single.values.tolist(), strict=True)
            }
        try:
            single = plan.over(moments[0], moments[-1], stride * STEP)
        except PromQLError as problem:
            assert str(problem) in complaints
            continue
        assert not complaints
        ranged = {
            (labels, t): value
            for labels, (stamps, values) in zip(single.labels, single.series, strict=True)
            for t, value in zip(stamps.tolist(), values.tolist(), strict=True)
        }
        np.testing.assert_equal(ranged, singles)


def test_windows_roll_if_they_have_equal_depth_and_no_gap():
    store = SeriesStore()
    table = store.table("scraped", [labels_of(__name__="a"), labels_of(__name__="b")])
    for row in range(8):
        table.append(row * STEP, np.array([float(row), MISSING if row == 7 else 10.0 * row]))
    ends = np.array([4, 5, 6]) * STEP
    window = Window.rolling(table, slice(0, 2), 2, ends - 2 * STEP, ends, "left")
    assert window.values.T.tolist() == [
        [2, 3, 4], [20, 30, 40], [3, 4, 5], [30, 40, 50], [4, 5, 6], [40, 50, 60]
    ]  # fmt: skip
    assert window.end.tolist() == [t * STEP for t in (4, 4, 5, 5, 6, 6)]
    later = ends + STEP
    assert Window.rolling(table, slice(0, 2), 2, later - 2 * STEP, later, "left") is None
    assert Window.rolling(table, slice(0, 2), 2, ends * 0, ends, "left") is None
