"""Times and values as a sentence says them."""

from __future__ import annotations

import math

RATIOS = frozenset({"", "ratio"})


def singular(noun: str) -> str:
    """One of those that a regular noun in the plural counts.

    Examples
    --------
    >>> singular("pages"), singular("queries")
    ('page', 'query')
    """
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


def clock(t: int) -> str:
    """A moment of simulated time, to the minute.

    Examples
    --------
    >>> clock(47 * 60_000 + 59_000)
    '00:47'
    """
    minutes = t // 60_000
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def stamp(t: int) -> str:
    """A moment of simulated time, to the second.

    Examples
    --------
    >>> stamp(3_723_000)
    '01:02:03'
    """
    return f"{clock(t)}:{t // 1000 % 60:02d}"


def span(ms: float) -> str:
    """How long something took, in its two largest units.

    Examples
    --------
    >>> [span(ms) for ms in (400, 35_000, 95_000, 600_000, 7_260_000)]
    ['0.4 s', '35 s', '1 min 35 s', '10 min', '2 h 1 min']
    """
    if abs(ms) < 1000:
        return f"{ms / 1000:.3g} s"
    seconds = round(ms / 1000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        minutes, rest = divmod(seconds, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def amount(value: float, unit: str = "") -> str:
    """A value of an objective with its unit; what is not a number is said to be undefined.

    Examples
    --------
    >>> amount(0.7134), amount(1.0), amount(0.9951), amount(0.3, "seconds"), amount(900, "seconds")
    ('.713', '1', '.995', '0.3 s', '15 min')
    >>> amount(float("nan"))
    'undefined'
    """
    if not math.isfinite(value):
        return "undefined"
    if unit in RATIOS:
        text = f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:.0f}"
        return text[1:] if text.startswith("0.") else text
    if unit in {"s", "seconds"}:
        return span(value * 1000)
    if unit in {"ms", "milliseconds"}:
        return f"{value:.3g} ms" if abs(value) < 1000 else span(value)
    return f"{value:.3g} {unit}"


def listing(items: list[str]) -> str:
    """Names as a sentence lists them.

    Examples
    --------
    >>> listing(["accuracy", "freshness", "availability"])
    'accuracy, freshness and availability'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
