"""Builders of function calls: one for each way of calling."""

from typing import Any

import numpy as np
import promql_parser as parser

from simulator.promql import calls
from simulator.promql.errors import Unsupported
from simulator.promql.functions import label_functions, over_time, rates, regression
from simulator.promql.functions.dates import DATES
from simulator.promql.functions.histograms import HistogramFraction, HistogramQuantile
from simulator.promql.functions.mathematics import ELEMENTWISE
from simulator.promql.plan_nodes import Node, NumberNode
from simulator.promql.planner import Arguments, Builder, Planner
from simulator.promql.selection import selector_of
from simulator.telemetry.store import Labels, labels_of

KEEPS_NAME = ("last_over_time",)
SMOOTHING = ("holt_winters", "double_exponential_smoothing")


def _range_function(planner: Planner, name: str, arguments: Arguments) -> Node:
    if name in SMOOTHING:
        _check_smoothing(planner, name)
    at = next(i for i, tree in enumerate(arguments) if _is_range(tree))
    scalars = [planner.scalar(tree) for i, tree in enumerate(arguments) if i != at]
    inner = planner.range(arguments[at])
    version = planner.dialect.version
    kernels = {**rates.kernels(version), **over_time.KERNELS, **regression.KERNELS}
    if version == 2:
        kernels |= {**over_time.KERNELS_2, **regression.KERNELS_2}
    return calls.RangeFunction(inner, kernels[name], scalars, name in KEEPS_NAME, name in SMOOTHING)


def _is_range(tree: Any) -> bool:
    while isinstance(tree, parser.ParenExpr):
        tree = tree.expr
    return isinstance(tree, parser.MatrixSelector | parser.SubqueryExpr)


def _check_smoothing(planner: Planner, name: str) -> None:
    if planner.dialect.version == 3 and name == "holt_winters":
        raise Unsupported("holt_winters() is in Prometheus 2 only; 3 has removed it")
    if planner.dialect.version == 2 and name == "double_exponential_smoothing":
        raise Unsupported("double_exponential_smoothing() is Prometheus 3's; 2 has holt_winters()")


def _elementwise(planner: Planner, name: str, arguments: Arguments) -> Node:
    scalars = [planner.scalar(tree) for tree in arguments[1:]]
    return calls.ElementwiseFunction(planner.vector(arguments[0]), ELEMENTWISE[name], scalars)


def _clamp(planner: Planner, name: str, arguments: Arguments) -> Node:
    low, high = (planner.scalar(tree) for tree in arguments[1:])
    return calls.Clamp(planner.vector(arguments[0]), low, high)


def _date(planner: Planner, name: str, arguments: Arguments) -> Node:
    if arguments:
        inner = planner.vector(arguments[0])
    else:
        inner = calls.ScalarToVector(calls.TimeNode(planner.dialect.epoch))
    return calls.ElementwiseFunction(inner, DATES[name], ())


def _label_replace(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = planner.vector(arguments[0])
    target, replacement, source, pattern = (planner.text(tree) for tree in arguments[1:])
    version = planner.dialect.version
    relabel = label_functions.label_replace(target, replacement, source, pattern, version)
    return label_functions.LabelFunction(inner, relabel)


def _label_join(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = planner.vector(arguments[0])
    target, separator, *sources = (planner.text(tree) for tree in arguments[1:])
    relabel = label_functions.label_join(target, separator, sources, planner.dialect.version)
    return label_functions.LabelFunction(inner, relabel)


def _absent(planner: Planner, name: str, arguments: Arguments) -> Node:
    return calls.Absent(planner.vector(arguments[0]), _fixed_labels(arguments[0]))


def _absent_over_time(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = calls.RangeFunction(planner.range(arguments[0]), over_time.present, (), keep_name=True)
    tree = arguments[0]
    return calls.Absent(inner, _fixed_labels(getattr(tree, "vector_selector", tree)))


def _histogram_fraction(planner: Planner, name: str, arguments: Arguments) -> Node:
    if planner.dialect.version == 2:
        raise Unsupported("histogram_fraction() of classic histograms is Prometheus 3's")
    lower, upper = (planner.scalar(tree) for tree in arguments[:2])
    return HistogramFraction(lower, upper, planner.vector(arguments[2]))


def _fixed_labels(tree: Any) -> Labels:
    """The labels that a selector fixes by `=`, which `absent` returns; () for other trees."""
    if not isinstance(tree, parser.VectorSelector):
        return ()
    matchers = [m for m in selector_of(tree).matchers if m.name != "__name__"]
    names = [m.name for m in matchers]
    fixed = [m for m in matchers if m.op == "=" and names.count(m.name) == 1]
    return labels_of({m.name: m.value for m in fixed})


CALLS: dict[str, Builder] = {
    **dict.fromkeys([*rates.kernels(3), *over_time.KERNELS, *regression.KERNELS], _range_function),
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    **dict.fromkeys(DATES, _date),
    "clamp": _clamp,
    "label_replace": _label_replace,
    "label_join": _label_join,
    "absent": _absent,
    "absent_over_time": _absent_over_time,
    "histogram_quantile": lambda planner, name, arguments: HistogramQuantile(
        planner.scalar(arguments[0]), planner.vector(arguments[1]), planner.dialect.version
    ),
    "histogram_fraction": _histogram_fraction,
    "scalar": lambda planner, name, arguments: calls.VectorToScalar(planner.vector(arguments[0])),
    "vector": lambda planner, name, arguments: calls.ScalarToVector(planner.scalar(arguments[0])),
    "time": lambda planner, name, arguments: calls.TimeNode(planner.dialect.epoch),
    "pi": lambda planner, name, arguments: NumberNode(np.pi),
    "timestamp": lambda planner, name, arguments: calls.Timestamp(
        planner.vector(arguments[0]), planner.dialect.epoch
    ),
    "sort": lambda planner, name, arguments: calls.Sort(planner.vector(arguments[0]), "asc"),
    "sort_desc": lambda planner, name, arguments: calls.Sort(planner.vector(arguments[0]), "desc"),
}
