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

    Below a minute it has three digits, as a latency's limit lies between two whole seconds. A
    ratio that is nearly 1 has as many as tell it from 1: of an availability the nines count.

    Examples
    --------
    >>> [amount(ratio) for ratio in (0.7134, 1.0, 0.9951, 0.9995, 0.99987)]
    ['.713', '1', '.995', '.9995', '.99987']
    >>> [amount(seconds, "seconds") for seconds in (0.3, 1.461, 35, 59.7, 900)]
    ['0.3 s', '1.46 s', '35 s', '59.7 s', '15 min']
    >>> amount(1461, "ms"), amount(1, "pages"), amount(float("nan"))
    ('1.46 s', '1 page', 'undefined')
    """
    if not math.isfinite(value):
        return "undefined"
    if unit in RATIOS:
        short = 1 - value
        digits = min(1 - math.floor(math.log10(short)), 6) if 0 < short < 0.001 else 3
        text = f"{value:.{digits}f}" if abs(value) < 100 else f"{value:.0f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text[1:] if text.startswith("0.") else text
    if unit in {"s", "seconds"}:
        return f"{value:.3g} s" if abs(value) < 60 else span(value * 1000)
    if unit in {"ms", "milliseconds"}:
        return f"{value:.3g} ms" if abs(value) < 1000 else amount(value / 1000, "seconds")
    return counted(value, unit, 3)


def beside(value: float, limit: float, unit: str = "") -> str:
    """A value that lies just outside its limit, with as many digits as tell them apart.

    Examples
    --------
    >>> [beside(value, 0.82, "ratio") for value in (0.7134, 0.8199, 0.81996)]
    ['.713', '.8199', '.81996']
    >>> beside(0.4004, 0.4, "seconds")
    '0.4004 s'
    """
    text = amount(value, unit)
    if text != amount(limit, unit) or value == limit:
        return text
    digits = 3 - math.floor(math.log10(abs(value - limit) / max(abs(value), abs(limit))))
    number = f"{value:.{min(digits, 9) - 2}g}"
    if unit in RATIOS:
        return number[1:] if number.startswith("0.") else number
    return f"{number} s" if unit in {"s", "seconds"} and abs(value) < 60 else text


def counted(value: float, unit: str, digits: int = 6) -> str:
    """So many of something; of one, its unit loses its plural.

    Examples
    --------
    >>> counted(1, "pages"), counted(0, "pages"), counted(1.5, "requests"), counted(1, "entries")
    ('1 page', '0 pages', '1.5 requests', '1 entry')
    """
    text = f"{value:.{digits}g}"
    if text == "1":
        unit = singular(unit)
    return f"{text} {unit}".rstrip()


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
