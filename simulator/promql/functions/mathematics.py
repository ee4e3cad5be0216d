"""Elementwise functions of sample values."""

from collections.abc import Callable

import numpy as np

from simulator.telemetry.store import Floats

Elementwise = Callable[..., Floats]


def round_to(values: Floats, to: Floats | float = 1.0) -> Floats:
    """Values rounded to a multiple of `to`, halves up.

    Examples
    --------
    >>> round_to(np.array([2.5, -2.5, 1.13]), 0.5).tolist()
    [2.5, -2.5, 1.0]
    """
    inverse = 1.0 / to
    return np.floor(values * inverse + 0.5) / inverse


def sign(values: Floats) -> Floats:
    """-1, 0, 1 or NaN."""
    return np.sign(values)


def go_min(a: Floats, b: Floats) -> Floats:
    """Go's math.Min: NaN where one is NaN, unless the other is -Inf."""
    return np.where(np.isneginf(a) | np.isneginf(b), -np.inf, np.minimum(a, b))


def go_max(a: Floats, b: Floats) -> Floats:
    """Go's math.Max: NaN where one is NaN, unless the other is +Inf."""
    return np.where(np.isposinf(a) | np.isposinf(b), np.inf, np.maximum(a, b))


ELEMENTWISE: dict[str, Elementwise] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "round": round_to,
    "sgn": sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "deg": lambda values: values * 180.0 / np.pi,
    "rad": lambda values: values * np.pi / 180.0,
    "clamp_min": go_max,
    "clamp_max": go_min,
}
