"""Where a series is heading: a straight line or double exponential smoothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.promql import sums
from simulator.promql.errors import PromQLError
from simulator.promql.window import Kernel, Window
from simulator.telemetry.store import Bools, Floats, Ints


def line(window: Window, origin: Ints) -> tuple[Floats, Floats]:
    """Slope per second and height at the origin of the least-squares line of each series."""
    y = window.values
    x: Floats = (window.times - origin) / 1000.0  # one column where all series share their times
    if window.live is not None:
        x = np.where(window.live, x, 0.0)
    n = np.maximum(window.count, 1).astype(float)
    sum_x, sum_y = sums.total(x), sums.total(y)
    covariance = sums.total(x * y) - sum_x * sum_y / n
    slope = covariance / (sums.total(x * x) - sum_x * sum_x / n)
    height = sum_y / n - slope * sum_x / n
    level = y == y[0]
    if window.live is not None:
        level |= ~window.live
    flat = level.all(axis=0)
    slope = np.where(flat, np.where(np.isinf(y[0]), np.nan, 0.0), slope)
    height = np.where(flat, np.where(np.isinf(y[0]), np.nan, y[0]), height)
    return slope, height


def deriv(window: Window, _: Sequence[float]) -> tuple[Floats, Bools]:
    """The slope per second."""
    return line(window, window.first_time)[0], window.count >= 2


def predict_linear(window: Window, arguments: Sequence[float]) -> tuple[Floats, Bools]:
    """The line's height so many seconds after the moment asked for."""
    slope, height = line(window, np.asarray(arguments[-1], dtype=np.int64))
    return slope * arguments[0] + height, window.count >= 2


def unknown_with_infinity(kernel: Kernel) -> Kernel:
    """In 2.42 an infinity among the samples makes the line's sums NaN, and so the line."""

    def answer(window: Window, arguments: Sequence[float]) -> tuple[Floats, Bools]:
        values, enough = kernel(window, arguments)
        return np.where(np.isinf(window.filled(0.0)).any(axis=0), np.nan, values), enough

    return answer


def smoothed(window: Window, arguments: Sequence[float]) -> tuple[Floats, Bools]:
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
        live = True if window.live is None else window.live[number]
        trend = np.where(live, step, trend)
        before = np.where(live, level, before)
        level = np.where(live, after, level)
    return level, enough


KERNELS: dict[str, Kernel] = {
    "deriv": deriv,
    "predict_linear": predict_linear,
    "holt_winters": smoothed,
    "double_exponential_smoothing": smoothed,
}
KERNELS_2: dict[str, Kernel] = {
    **KERNELS,
    "deriv": unknown_with_infinity(deriv),
    "predict_linear": unknown_with_infinity(predict_linear),
}
