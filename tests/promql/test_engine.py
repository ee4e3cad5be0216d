import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError, Unsupported
from simulator.telemetry.store import MISSING, STALE, SeriesStore, labels_of

STEP = 15_000


@pytest.fixture
def store():
    """Twenty scrapes of two counters and two gauges."""
    store = SeriesStore()
    table = store.table(
        "api",
        [
            labels_of(__name__="requests_total", code="200"),
            labels_of(__name__="requests_total", code="500"),
            labels_of(__name__="up", pod="a"),
            labels_of(__name__="up", pod="b"),
        ],
    )
    for n in range(21):
        table.append(n * STEP, np.array([10.0 * n, 1.0 * n, 1.0, float(n < 10)]))
    return store


def values(engine, expr, t=20 * STEP):
    return {tuple(labels.values()): value for labels, value in engine.query(expr, t).rows()}


def test_an_error_ratio(store):
    ratio = 'sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m]))'
    assert Engine(store).query(ratio, 300_000).first() == ({}, pytest.approx(1 / 11))


def test_a_comparison_filters(store):
    engine = Engine(store)
    assert values(engine, "up == 0") == {("up", "b"): 0.0}
    assert values(engine, "up == bool 0") == {("a",): 0.0, ("b",): 1.0}
    assert not engine.query("up == 2", 300_000)


def test_the_plan_notices_a_new_series(store):
    plan = Engine(store).compile("sum(up)")
    assert plan.at(20 * STEP).first()[1] == 1.0
    store.table("web", [labels_of(__name__="up", pod="c")]).append(20 * STEP, np.array([1.0]))
    assert plan.at(20 * STEP).first()[1] == 2.0


def test_the_plan_stays_when_others_get_new_series(store):
    plan = Engine(store).compile("sum(up)")
    root = plan.root
    store.table("web", [labels_of(__name__="down", pod="c")]).append(20 * STEP, np.array([1.0]))
    plan.at(20 * STEP)
    assert plan.root is root


def test_a_stale_marker_ends_a_series_at_once(store):
    store.table("api").append(21 * STEP, np.array([210.0, 21.0, STALE, 0.0]))
    assert values(Engine(store), "up", 21 * STEP) == {("up", "b"): 0.0}
    assert values(Engine(store), "last_over_time(up[1m])", 21 * STEP)[("up", "a")] == 1.0


def test_lookback_is_open_in_3_and_closed_in_2():
    store = SeriesStore()
    store.table("api", [labels_of(__name__="up")]).append(0, np.array([1.0]))
    for dialect, there in ((2, True), (3, False)):
        assert bool(Engine(store, dialect).query("up", 300_000)) == there
        assert bool(Engine(store, dialect).query("up", 299_999))


def test_time_is_that_of_the_calendar(store):
    engine = Engine(store, epoch=1_773_061_200_000)  # 2026-03-09 13:00 UTC, a Monday
    assert engine.query("hour()", 0).first()[1] == 13
    assert engine.query("day_of_week()", 0).first()[1] == 1
    assert engine.query("time() - timestamp(up)", 20 * STEP + 7000).first()[1] == 7.0


def test_values_become_labels(store):
    engine = Engine(store)
    assert values(engine, 'count_values("v", up)') == {("1",): 1.0, ("0",): 1.0}
    assert values(engine, 'count_values("v", up)', STEP) == {("1",): 2.0}


@pytest.mark.parametrize(
    "expr, complaint",
    [
        ("up / on() up", "many-to-many matching not allowed"),
        ("requests_total / on() group_right up", "found duplicate series"),
        ('label_replace(up, "pod", "x", "pod", ".*")', "same labelset"),
        ('up{pod=~"("}', "illegal regex"),
        ("topk(scalar(nothing), up)", "Parameter value is NaN"),
    ],
)
def test_what_cannot_be_answered(store, expr, complaint):
    with pytest.raises(PromQLError, match=complaint):
        Engine(store).query(expr, 300_000)


@pytest.mark.parametrize("expr", ["limitk(1, up)", 'sort_by_label(up, "pod")', "info(up)"])
def test_what_is_left_out_says_so(store, expr):
    with pytest.raises(Unsupported, match="left out"):
        Engine(store).query(expr, 0)


def test_holt_winters_belongs_to_2(store):
    assert Engine(store, 2).query("holt_winters(requests_total[5m], 0.5, 0.5)", 300_000)
    with pytest.raises(Unsupported, match="Prometheus 2"):
        Engine(store, 3).query("holt_winters(requests_total[5m], 0.5, 0.5)", 300_000)


samples = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.sampled_from([MISSING, STALE, np.nan])),
    min_size=1,
    max_size=12,
)
RANGED = [
    "rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv",
    "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "stddev_over_time",
    "count_over_time", "last_over_time",
]  # fmt: skip


@given(samples, samples, st.sampled_from(RANGED), st.sampled_from([2, 3]))
def test_a_series_does_not_depend_on_its_neighbours(first, second, function, dialect):
    """Gaps in one column of a table do not affect another."""
    length = max(len(first), len(second))
    rows = [[*row, *[MISSING] * (length - len(row))] for row in (first, second)]
    alone, together = SeriesStore(), SeriesStore()
    a, b = labels_of(__name__="x", i="a"), labels_of(__name__="x", i="b")
    single, two = alone.table("t", [a]), together.table("t", [a, b])
    for n in range(length):
        single.append(n * STEP, np.array([rows[0][n]]))
        two.append(n * STEP, np.array([rows[0][n], rows[1][n]]))
    expr = f'{function}(x{{i="a"}}[2m])'
    for t in range(0, length * STEP, 20_000):
        apart = Engine(alone, dialect).query(expr, t)
        beside = [
            value
            for labels, value in Engine(together, dialect).query(f"{function}(x[2m])", t).rows()
            if labels["i"] == "a"
        ]
        np.testing.assert_allclose(apart.values, beside, rtol=1e-9, atol=1e-9)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, np.nan, STALE, MISSING]), min_size=1, max_size=12))
def test_a_range_query_equals_instant_queries(column):
    store = SeriesStore()
    table = store.table("t", [labels_of(__name__="x")])
    for n, value in enumerate(column):
        table.append(n * STEP, np.array([value]))
    engine = Engine(store)
    end = len(column) * STEP
    result = engine.query_range("x + 1", 0, end, 10_000)
    ranged = {}
    for stamps, values in result.series:
        ranged |= dict(zip(stamps.tolist(), values.tolist(), strict=True))
    instant = {
        t: at_t.first()[1] for t in range(0, end + 1, 10_000) if (at_t := engine.query("x + 1", t))
    }
    assert ranged.keys() == instant.keys()
    np.testing.assert_equal(list(ranged.values()), list(instant.values()))
