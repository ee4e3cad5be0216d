"""Plans that have grown with a store equal plans made now."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.telemetry.store import MISSING, SeriesStore, labels_of
from tests.promql.expressions import NAMES, ROWS, STEP, of, queries, scrapes

TICKS = 6
ROWS_PER_TICK = ROWS // TICKS
# Expressions whose two sides get series at different times, rare among generated ones.
HARD = [
    "a or b", "b or a or c_total", "sum(a or b)", "sum by (g) (a) or sum by (i) (b)",
    "a * on(i) group_left() b", "a * on(g) group_right() sum by (g) (b)", "a + b", "a == on(g) b",
    "a / on(i, g) b", "sum(a * on(i, g) b)", "(a > 0) / ignoring(nope) b", "a unless b",
    "sum(a and on(g) b)", "sum(a unless on(i) b) or vector(0)", 'count_values("v", a)',
    'count_values by (g) ("v", a)', "topk(1, a or b)", 'rate({__name__=~"a|b|c_total"}[5m])',
    'avg_over_time({__name__=~"a|b"}[5m])', '-{__name__=~"a|b"}', '{__name__=~".+"}',
    'label_replace(a, "i", "1", "i", ".*")', "histogram_quantile(0.5, h_bucket)",
    "histogram_quantile(0.9, sum by (le) (h_bucket))", "sum_over_time((a + b)[3m:1m])",
    "stddev(a) by (g)", "absent(a)", "scalar(a) + scalar(b)", "quantile(0.5, a or b)",
    "timestamp(a)", 'timestamp({__name__=~"a|c_total"})', "late", "sum(a) + late", "a and late",
]  # fmt: skip
rules = st.lists(st.sampled_from(HARD) | queries | st.sampled_from(NAMES).flatmap(of), max_size=6)


def outcome(plan, t, ordered):
    """The result, or the error's text, in a form that can be compared."""
    try:
        table = plan.at(t)
    except PromQLError as problem:
        return str(problem)
    samples = [*zip(table.labels, table.values.tolist(), strict=True)] if len(table) else []
    return table.kind, samples if ordered else sorted(samples), repr(table.scalar), table.text


@settings(deadline=None, max_examples=40)
@given(scrapes(), rules, st.data())
def test_grown_plans_equal_new_plans(columns, rules, data):
    rules = [rule.replace("CASE", 'nope=""') for rule in [*rules, *rules[:1]]]
    count = len(columns)
    born = data.draw(st.lists(st.integers(0, TICKS - 1), min_size=count, max_size=count))
    where = data.draw(st.lists(st.sampled_from("xy"), min_size=count, max_size=count))
    store = SeriesStore()
    grown = Engine(store, dialect=2).compile_rules(rules)
    for tick in range(TICKS):
        for name in "xy":
            here = [
                labels
                for labels, born_at, lies in zip(columns, born, where, strict=True)
                if born_at == tick and lies == name
            ]
            table = store.table(name, here)
            for row in range(tick * ROWS_PER_TICK, (tick + 1) * ROWS_PER_TICK):
                table.append(
                    row * STEP, np.array([columns[label_set][row] for label_set in table.series])
                )
        t = ((tick + 1) * ROWS_PER_TICK - 1) * STEP
        engine = Engine(store, dialect=2).compile_rules(rules)
        for order, (old, new, rule) in enumerate(zip(grown, engine, rules, strict=True)):
            if order == 1:  # as a recording rule writes, between two others
                recorded = store.table("rules", [labels_of(__name__="late", i=str(tick // 2))])
                recorded.put(t, slice(tick // 2, None), float(tick))
            # count_values lists the values that it has met before first.
            ordered = "count_values" not in rule
            np.testing.assert_equal(outcome(old, t, ordered), outcome(new, t, ordered))
            np.testing.assert_equal(
                range_outcome(old, t, ordered),
                range_outcome(Engine(store, dialect=2).compile(rule), t, ordered),
            )


def range_outcome(plan, t, ordered):
    """The result of a range query up to t, or the error's text."""
    try:
        rows = plan.over(0, t, 3 * STEP)
    except PromQLError as problem:
        return str(problem)
    pairs = [
        (labels, stamps.tolist(), values.tolist())
        for labels, (stamps, values) in zip(rows.labels, rows.series, strict=True)
    ]
    return pairs if ordered else sorted(pairs)


@pytest.fixture
def store():
    """One metric, one series."""
    store = SeriesStore()
    store.table("api", [labels_of(__name__="up", pod="a")]).append(0, np.array([1.0]))
    return store


def add_series(store, name, pod, **labels):
    """Add a series with one sample."""
    column = store.table("api").ensure_columns([labels_of(__name__=name, pod=pod, **labels)])
    store.table("api").put(0, column, 1.0)


@pytest.mark.parametrize(
    "expr", ["sum by (pod) (up) > 0", "up and up", "up / up", "rate(up[5m]) * 2", "-up"]
)
def test_a_plan_grows_by_a_new_series_without_replanning(store, expr):
    plan = Engine(store).compile(expr)
    root = plan.root
    add_series(store, "up", "b")
    plan.at(0)
    assert plan.root is root
    assert len(root.labels) == 2


@pytest.mark.parametrize("expr", ["up or down", "up + on(pod) group_left() down"])
def test_rows_stay_in_order(store, expr):
    plan = Engine(store).compile(expr)
    for name, pod in (("down", "a"), ("up", "b"), ("down", "b"), ("up", "c")):
        add_series(store, name, pod)
        assert plan.at(0).labels == Engine(store).query(expr, 0).labels


@pytest.mark.parametrize("right", ["up * on(pod) group_left() down", '-{__name__=~"up|down"}'])
def test_a_side_that_becomes_fallible_is_evaluated(store, right):
    """While the right side cannot fail, it is skipped where the left is empty."""
    plan = Engine(store).compile(f"up > 1 and on() ({right})")
    add_series(store, "down", "z", side="left")
    add_series(store, "up", "y")
    add_series(store, "down", "y", side="left")
    assert not plan.at(0)
    add_series(store, "down", "z", side="right")
    add_series(store, "up", "z", side="left")
    with pytest.raises(PromQLError, match=r"found duplicate series|same labelset"):
        plan.at(0)


def test_series_are_in_order_of_creation(store):
    store.table("web", [labels_of(__name__="up", pod="z")]).append(0, np.array([MISSING]))
    add_series(store, "up", "b")
    plan = Engine(store).compile("up")
    assert [dict(labels)["pod"] for labels in plan.root.labels] == ["a", "z", "b"]
    twin = Engine(store.copy()).compile("up")
    assert twin.root.labels == plan.root.labels
    assert [dict(labels)["pod"] for labels in twin.at(0).labels] == ["a", "b"]
