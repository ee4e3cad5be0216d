"""Hypothesis strategies: scraped series, and queries with every feature of real rules.

`FEATURES` are the 73 that cover every public rule that parses (ALERTING.md), as patterns of
the text, so that a test can check that each was generated.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from simulator.telemetry.store import MISSING, STALE, Labels, labels_of

STEP = 15_000
ROWS = 60  # a quarter of an hour
LATEST = ROWS * STEP + 330_000  # past the lookback of the last sample
BOUNDS = ("0.1", "0.5", "1", "+Inf")

AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
RANGES = (
    "rate", "increase", "irate", "delta", "idelta", "deriv", "changes", "resets",
    "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "count_over_time",
    "last_over_time", "present_over_time", "stddev_over_time", "stdvar_over_time",
)  # fmt: skip
MATHS = (
    "abs", "ceil", "floor", "round", "exp", "ln", "log2", "log10", "sqrt", "sgn", "timestamp",
    "sort", "sort_desc", "minute", "hour", "day_of_week", "day_of_month", "days_in_month",
    "month", "year", "deg", "rad", "atan", "sinh", "-",
)  # fmt: skip
ARITHMETIC = ("+", "-", "*", "/", "%", "^")
COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
SETS = ("and", "or", "unless")
OTHERS = (
    "quantile", "topk", "bottomk", "count_values", "quantile_over_time", "predict_linear",
    "holt_winters", "absent", "absent_over_time", "histogram_quantile", "label_replace",
    "label_join", "clamp", "clamp_min", "clamp_max", "scalar", "vector", "time",
)  # fmt: skip
MODIFIERS = (
    r"\bby\b", r"\bwithout\b", r"\bon\b", r"\bignoring\b", "group_left", "group_right",
    "bool", r"\band\b", r"\bor\b", r"\bunless\b", "offset", r"\]", r"\[[^]]+:", "=~", "!~", "!=",
)  # fmt: skip
FEATURES = (
    *(rf"\b{name}\b" for name in (*AGGREGATIONS, *RANGES, *MATHS[:-1], *OTHERS)),
    *(rf" \{op} " for op in ARITHMETIC),
    *(rf" {op} " for op in COMPARISONS),
    *MODIFIERS,
)

small = st.integers(-5, 20).map(float)
numbers = st.one_of(small, small, st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))
special = st.sampled_from([MISSING, MISSING, STALE, np.nan, np.inf, -np.inf])


@st.composite
def gauge(draw: st.DrawFn) -> list[float]:
    """A column of numbers with gaps, stale markers, NaN and infinities."""
    column = draw(st.lists(numbers, min_size=4, max_size=12))
    column = (column * ROWS)[:ROWS]
    for at in draw(st.lists(st.integers(0, ROWS - 1), max_size=4)):
        column[at] = draw(special)
    return with_gap(draw, column)


@st.composite
def counters(draw: st.DrawFn, columns: int = 1) -> list[list[float]]:
    """Counters with common resets and missed scrapes; each column is at least the one before."""
    parts = st.lists(st.integers(0, 50), min_size=3, max_size=12)
    steps = np.array([(draw(parts) * ROWS)[:ROWS] for _ in range(columns)])
    total = steps.cumsum(axis=0).cumsum(axis=1).astype(float)
    for at in draw(st.lists(st.integers(0, ROWS - 1), max_size=2)):
        total[:, at:] -= total[:, at : at + 1]
    return [with_gap(draw, column) for column in total.tolist()]


def with_gap(draw: st.DrawFn, column: list[float]) -> list[float]:
    """The column with a gap, which a stale marker may start."""
    start, length = draw(st.integers(0, ROWS - 1)), draw(st.integers(0, 30))
    column[start : start + length] = [MISSING] * len(column[start : start + length])
    if length and draw(st.booleans()):
        column[start] = STALE
    return column


@st.composite
def scrapes(draw: st.DrawFn) -> dict[Labels, list[float]]:
    """Series: gauges a and b, a counter c_total, a histogram h_bucket."""
    samples: dict[Labels, list[float]] = {}
    for i, g in (("1", "x"), ("2", "x"), ("3", "y")):
        for name in ("a", "b", "c_total"):
            if draw(st.integers(0, 5)):
                course = draw(counters())[0] if name == "c_total" else draw(gauge())
                samples[labels_of(__name__=name, i=i, g=g)] = course
    for bound, course in zip(BOUNDS, draw(counters(len(BOUNDS))), strict=True):
        if not draw(st.integers(0, 3)):
            course[draw(st.integers(0, ROWS - 1))] = np.nan
        samples[labels_of(__name__="h_bucket", i="1", le=bound)] = course
    return {labels: samples[labels] for labels in sorted(samples)}


matchers = st.sampled_from(["", 'i="1"', 'i!="1"', 'g=~"x|z"', 'g!~"y.*"', 'nope=""'])
ranges = st.sampled_from(["30s", "1m", "100s", "5m", "10m"])
offsets = st.sampled_from(["", "", "", "", " offset 1m", " offset -45s", " offset 100s"])
scalars = st.sampled_from(["0", "1", "2.5", "-3", "1e3", "NaN", "Inf", "time()"])
labels = st.sampled_from(["i", "g", "i, g", "nope", ""])


@st.composite
def selector(draw: st.DrawFn, name: str | None = None, range_: str = "") -> str:
    """An instant or a range selector."""
    metric = name or draw(st.sampled_from(["a", "b", "c_total"]))
    inner = ", ".join(part for part in ["CASE", draw(matchers)] if part)
    return f"{metric}{{{inner}}}{range_}{draw(offsets)}"


@st.composite
def range_vector(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """A range selector or a subquery."""
    if draw(st.integers(0, 4)):
        return draw(selector(range_=f"[{draw(ranges)}]"))
    step = draw(st.sampled_from(["20s", "1m", ""]))
    return f"({draw(inner)})[{draw(ranges)}:{step}]{draw(offsets)}"


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A query that contains others."""
    return st.one_of(aggregation(inner), call(inner), call(inner), binary(inner), binary(inner))


@st.composite
def aggregation(draw: st.DrawFn, inner: st.SearchStrategy[str], op: str = "") -> str:
    """An aggregation."""
    how = draw(st.sampled_from(["by", "without", ""]))
    grouping = f" {how} ({draw(labels)})" if how else ""
    op = op or draw(st.sampled_from([*AGGREGATIONS, "quantile", "count_values"]))
    if op == "quantile":
        return f"quantile{grouping} ({draw(st.sampled_from(['0.5', '0.9', '-1', '2']))}, {draw(inner)})"
    if op == "count_values":
        # Of plain samples: as a label, the last bit matters.
        return f'count_values{grouping} ("v", {draw(FIRST)})'
    return f"{op}{grouping} ({draw(inner)})"


@st.composite
def call(draw: st.DrawFn, inner: st.SearchStrategy[str], name: str = "") -> str:
    """A function's call."""
    name = name or draw(st.sampled_from([*RANGES, *MATHS, *OTHERS]))
    if name in RANGES or name == "absent_over_time":
        return f"{name}({draw(range_vector(inner))})"
    match name:
        case "topk" | "bottomk":
            return draw(inner)  # `of` generates them: among equal values the choice is undefined
        case "quantile" | "count_values":
            return draw(aggregation(inner, name))
        case "-":
            return f"-({draw(inner)})"
        case "quantile_over_time":
            return f"{name}({draw(st.sampled_from(['0.5', '0.95', '1']))}, {draw(range_vector(inner))})"
        case "predict_linear":
            return f"{name}({draw(range_vector(inner))}, 600)"
        case "holt_winters":
            return f"{name}({draw(range_vector(inner))}, 0.5, 0.3)"
        case "histogram_quantile":
            buckets = draw(st.sampled_from(["rate", "increase", ""]))
            histogram = draw(selector("h_bucket", f"[{draw(ranges)}]" if buckets else ""))
            q = draw(st.sampled_from(["0.5", "0.99", "0", "1", "2"]))
            return f"{name}({q}, {buckets}({histogram}))"
        case "label_replace":
            return f'{name}({draw(inner)}, "j", "$1-", "i", "(1|2)")'
        case "label_join":
            return f'{name}({draw(inner)}, "j", "/", "g", "i")'
        case "clamp":
            return f"clamp({draw(inner)}, 0, {draw(scalars)})"
        case "clamp_min" | "clamp_max":
            return f"{name}({draw(inner)}, {draw(scalars)})"
        case "round":
            return f"round({draw(inner)}{draw(st.sampled_from(['', ', 0.5', ', 10']))})"
        case "time":
            return f"time() - timestamp({draw(inner)})"
        case "scalar":
            return f"{draw(inner)} * scalar({draw(inner)})"
        case "vector":
            return f"vector({draw(scalars)})"
    return f"{name}({draw(inner)})"


@st.composite
def binary(draw: st.DrawFn, inner: st.SearchStrategy[str], op: str = "") -> str:
    """An operator between two vectors, or a vector and a scalar."""
    # `^` is outermost only: Go's pow and the C library's differ in the last bit, which `%` blows up.
    op = op or draw(st.sampled_from([*ARITHMETIC[:-1], *COMPARISONS, *SETS]))
    if op in SETS:
        how = draw(st.sampled_from(["", " on(i)", " ignoring(g)", " on()"]))
        return f"({draw(inner)}) {op}{how} ({draw(inner)})"
    kind = draw(st.sampled_from(["scalar", "scalar", "one", "many"]))
    as_bool = draw(st.sampled_from(["", " bool"])) if op in COMPARISONS else ""
    if kind == "scalar":
        return f"({draw(inner)}) {op}{as_bool} {draw(scalars)}"
    if kind == "one":
        how = draw(st.sampled_from(["", "", " on(i)", " ignoring(j)", " on(i, g)"]))
        return f"({draw(inner)}) {op}{as_bool}{how} ({draw(inner)})"
    side = draw(st.sampled_from(["left", "right"]))
    operand = f"sum by (g) ({draw(inner)})"
    many = draw(inner)
    left, right = (many, operand) if side == "left" else (operand, many)
    return f"({left}) {op}{as_bool} on(g) group_{side}() ({right})"


@st.composite
def top_bottom_k(draw: st.DrawFn, name: str) -> str:
    """`topk` or `bottomk`, never inside another query."""
    how = draw(st.sampled_from([" by (g)", " without (i)", ""]))
    k = draw(st.integers(0, 3))
    return f"{name}{how} ({k}, {draw(selector())})"


FIRST = selector()
queries = st.recursive(FIRST, compound, max_leaves=4)
NAMES = (*AGGREGATIONS, *RANGES, *MATHS, *OTHERS, *ARITHMETIC, *COMPARISONS, *SETS)


def of(name: str) -> st.SearchStrategy[str]:
    """Queries with this function, aggregation or operator."""
    if name in AGGREGATIONS:
        return aggregation(FIRST, name)
    if name in ("topk", "bottomk"):
        return top_bottom_k(name)
    if name in (*ARITHMETIC[:1], *ARITHMETIC[2:], *COMPARISONS, *SETS):
        return binary(FIRST, name)
    return call(FIRST, name)
