"""Results in the form of Prometheus' HTTP API: the `data` of its answer."""

import math
from typing import Any

import numpy as np

from simulator.promql.engine import Result
from simulator.telemetry.store import Labels


def http_result(result: Result, t: int, epoch: int) -> dict[str, Any]:
    """A result as the HTTP API of Prometheus gives it.

    Parameters
    ----------
    t : int, ms
        The time of an instant query.
    epoch : int, ms since 1970
        Time 0 on the calendar.

    Examples
    --------
    >>> http_result(Result("vector", [(("job", "api"),)], np.array([0.5])), 500, 60_000)
    {'resultType': 'vector', 'result': [{'metric': {'job': 'api'}, 'value': [60.5, '0.5']}]}
    >>> http_result(Result("scalar", scalar=float("inf")), 0, 60_000)
    {'resultType': 'scalar', 'result': [60, '+Inf']}
    """
    now = _seconds(epoch + t)
    content: list[Any]
    if result.kind == "scalar":
        content = [now, sample_text(result.scalar)]
    elif result.kind == "string":
        content = [now, result.text]
    elif result.kind == "vector":
        content = [
            {"metric": dict(labels), "value": [now, sample_text(value)]}
            for labels, value in zip(result.labels, result.values.tolist(), strict=True)
        ]
    else:
        content = [
            {"metric": dict(labels), "values": _pairs(times.tolist(), values.tolist(), epoch)}
            for labels, (times, values) in zip(result.labels, result.series, strict=True)
        ]
    return {"resultType": result.kind, "result": content}


def sort_by_labels(result: Result) -> Result:
    """The result with its series in the order of their labels, as Prometheus sorts a matrix.

    Examples
    --------
    >>> labels = [(("job", "b"),), (("job", "a"),)]
    >>> sort_by_labels(Result("vector", labels, np.array([1.0, 2.0]))).rows()
    [({'job': 'a'}, 2.0), ({'job': 'b'}, 1.0)]
    """
    order = sorted(range(len(result.labels)), key=result.labels.__getitem__)
    labels: list[Labels] = [result.labels[number] for number in order]
    if result.kind == "matrix":
        return Result("matrix", labels, series=[result.series[number] for number in order])
    return Result(result.kind, labels, result.values[order], result.scalar, result.text)


def sample_text(value: float) -> str:
    """A sample's value in the form of the HTTP API: all digits, no exponent but for extremes.

    Examples
    --------
    >>> [sample_text(value) for value in (0.1, 5.0, 7776000.25, 1e20, 1e21, 2.5e-7)]
    ['0.1', '5', '7776000.25', '100000000000000000000', '1e+21', '2.5e-07']
    >>> [sample_text(value) for value in (float("nan"), float("-inf"), -0.0)]
    ['NaN', '-Inf', '-0']
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value and not 1e-6 <= abs(value) < 1e21:
        return np.format_float_scientific(value, trim="-", exp_digits=2)
    return np.format_float_positional(value, trim="-")


def _pairs(times: list[int], values: list[float], epoch: int) -> list[list[Any]]:
    return [
        [_seconds(epoch + t), sample_text(value)] for t, value in zip(times, values, strict=True)
    ]


def _seconds(ms: int) -> int | float:
    return ms / 1000 if ms % 1000 else ms // 1000
