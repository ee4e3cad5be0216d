"""Rules that share work have the results of separate plans."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.telemetry.store import MISSING, STALE, SeriesStore, labels_of

SERIES = [
    labels_of(__name__=name, job=job)
    for name in ("hits_total", "errors_total", "level")
    for job in ("a", "b")
]
PARTS = [
    "rate(hits_total[1m])", "rate(errors_total[1m])", "increase(hits_total[2m])",
    "rate({__name__=~'.+_total', job='b'}[1m])", "avg_over_time(level[1m])", "level", "hits_total",
    "sum(rate(hits_total[1m]))", "sum by (job) (rate(errors_total[1m]))", "max(level)",
    "quantile_over_time(0.9, level[1m])", "quantile_over_time(0.1, level[1m])",
    "rate(hits_total[1m] offset 30s)", "max_over_time(rate(hits_total[1m])[1m:15s])",
    "absent(level)", "scalar(max(level))", "sum(hits_total @ 30)", "timestamp(level)",
]  # fmt: skip
PAIRS = ["{0} > {1}", "{0} / {1}", "{0} and {1}", "sum({0}) - sum({1})", "{0} or {1}"]

part = st.sampled_from(PARTS)
rule = part | st.builds(str.format, st.sampled_from(PAIRS), part, part)
cell = st.sampled_from([0.0, 1.0, 2.0, 5.0, 9.0, np.nan, STALE, MISSING])
row = st.tuples(*[cell] * len(SERIES))


def outcome(plan, t):
    """The result, or the error's text, in a form that can be compared."""
    try:
        result = plan.at(t)
    except PromQLError as problem:
        return str(problem)
    return result.kind, result.labels, result.values.tolist(), repr(result.scalar)


@settings(deadline=None)
@given(st.lists(rule, min_size=2, max_size=6), st.lists(row, min_size=1, max_size=10))
def test_shared_plans_equal_separate_plans(rules, rows):
    try:
        Engine(SeriesStore()).compile_rules(rules)
    except PromQLError:
        return  # no rule file with these would load
    store = SeriesStore()
    table = store.table("scraped", SERIES[:4])
    shared = Engine(store).compile_rules(rules)
    for number, values in enumerate(rows):
        t = number * 15_000
        if number == 4:  # the last metric comes late
            table.ensure_columns(SERIES)
        table.append(t, np.array(values[: len(table.series)]))
        # A recording rule writes between two rules of the same evaluation.
        recorded = store.table("recorded", [labels_of(__name__="level", job="recorded")])
        for order, (plan, expr) in enumerate(zip(shared, rules, strict=True)):
            if order == 1:
                recorded.put(t, np.array([0]), float(number))
            separate = Engine(store).compile(expr)
            np.testing.assert_equal(outcome(plan, t), outcome(separate, t))
