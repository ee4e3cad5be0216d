"""Trends of a series: least-squares line and double exponential smoothing."""

from collections.abc import Sequence

import numpy as np

from simulator.promql import sums
from simulator.promql.errors import PromQLError
from simulator.promql.window import Kernel, KernelResult, Window
from simulator.telemetry.store import Floats, Ints


def least_squares(window: Window, origin: Ints) -> tuple[Floats, Floats]:
    """Slope per second, and value at the origin, of each series' least-squares line."""
    y = window.values
    x: Floats = (window.times - origin) / 1000.0  # one column if all series share times
    if window.present is not None:
        x = np.where(window.present, x, 0.0)
    n = np.maximum(window.count, 1).astype(float)
    sum_x, sum_y = sums.total(x), sums.total(y)
    covariance = sums.total(x * y) - sum_x * sum_y / n
    slope = covariance / (sums.total(x * x) - sum_x * sum_x / n)
    intercept = sum_y / n - slope * sum_x / n
    constant = y == y[0]
    if window.present is not None:
        constant |= ~window.present
    flat = constant.all(axis=0)
    slope = np.where(flat, np.where(np.isinf(y[0]), np.nan, 0.0), slope)
    intercept = np.where(flat, np.where(np.isinf(y[0]), np.nan, y[0]), intercept)
    return slope, intercept


def deriv(window: Window, _: Sequence[float]) -> KernelResult:
    """The slope per second."""
    return least_squares(window, window.first_time)[0], window.count >= 2


def predict_linear(window: Window, arguments: Sequence[float]) -> KernelResult:
    """The line's value `arguments[0]` seconds after the evaluation time."""
    slope, intercept = least_squares(window, np.asarray(arguments[-1], dtype=np.int64))
    return slope * arguments[0] + intercept, window.count >= 2


def nan_with_infinity(kernel: Kernel) -> Kernel:
    """The kernel as in 2.42: an infinity among the samples makes the result NaN."""

    def evaluate(window: Window, arguments: Sequence[float]) -> KernelResult:
        values, enough = kernel(window, arguments)
        return np.where(np.isinf(window.filled(0.0)).any(axis=0), np.nan, values), enough

    return evaluate


def smoothed(window: Window, arguments: Sequence[float]) -> KernelResult:
    """Holt's double exponential smoothing: the level after the last sample."""
    smoothing, trending = arguments[:2]
    for name, factor in (("smoothing", smoothing), ("trend", trending)):
        if not 0 < factor < 1:
            raise PromQLError(f"invalid {name} factor. Expected: 0 < sf < 1, got: {factor:g}")
    enough = window.count >= 2
    if not enough.any():
        return np.zeros(window.columns), enough
    before, level = np.zeros(window.columns), window.values[0]
    trend = window.values[1] - window.values[0]
    for number in range(1, len(window.values)):
        step = trend if number == 1 else trending * (level - before) + (1 - trending) * trend
        after = smoothing * window.values[number] + (1 - smoothing) * (level + step)
        present = True if window.present is None else window.present[number]
        trend = np.where(present, step, trend)
        before = np.where(present, level, before)
        level = np.where(present, after, level)
    return level, enough


KERNELS: dict[str, Kernel] = {
    "deriv": deriv,
    "predict_linear": predict_linear,
    "holt_winters": smoothed,
    "double_exponential_smoothing": smoothed,
}
KERNELS_2: dict[str, Kernel] = {
    **KERNELS,
    "deriv": nan_with_infinity(deriv),
    "predict_linear": nan_with_infinity(predict_linear),
}
