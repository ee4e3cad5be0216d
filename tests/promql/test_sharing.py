"""Rules that share what they work out say what each would say alone."""

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


def answered(plan, t):
    """An answer that can be compared, a complaint included."""
    try:
        table = plan.at(t)
    except PromQLError as problem:
        return str(problem)
    return table.kind, table.labels, table.values.tolist(), repr(table.scalar)


@settings(deadline=None)
@given(st.lists(rule, min_size=2, max_size=6), st.lists(row, min_size=1, max_size=10))
def test_together_is_as_alone(rules, rows):
    try:
        Engine(SeriesStore()).compile_rules(rules)
    except PromQLError:
        return  # no rule file with it would load
    store = SeriesStore()
    table = store.table("scraped", SERIES[:4])
    together = Engine(store).compile_rules(rules)
    for number, values in enumerate(rows):
        t = number * 15_000
        if number == 4:  # the last metric turns up late
            table.ensure_columns(SERIES)
        table.append(t, np.array(values[: len(table.series)]))
        # A recorded series is written between two rules at the same moment.
        written = store.table("recorded", [labels_of(__name__="level", job="recorded")])
        for order, (plan, expr) in enumerate(zip(together, rules, strict=True)):
            if order == 1:
                written.put(t, np.array([0]), float(number))
            alone = Engine(store).compile(expr)
            np.testing.assert_equal(answered(plan, t), answered(alone, t))
