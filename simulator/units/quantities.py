"""Durations, sizes, rates, flows and ratios, parsed and formatted.

A parser raises UnitError: no unit, an unknown unit, a negative or absurdly large value.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from simulator.units.unit_systems import (
    BYTES,
    DAY_MS,
    DURATION,
    FLOW,
    PER,
    RATE,
    SIZE,
    UnitError,
    format_value,
)


def parse_ms(value: object) -> int:
    """Milliseconds of a duration; a fraction of a millisecond is a UnitError too.

    Examples
    --------
    >>> parse_ms("1h30m"), parse_ms("1.5s"), parse_ms("0m")
    (5400000, 1500, 0)
    >>> parse_ms("20min")
    Traceback (most recent call last):
    simulator.units.unit_systems.UnitError: '20min' is not a duration; did you mean '20m'? (...
    """
    total = DURATION.parse(value)
    if total.denominator != 1:
        raise DURATION.error(value, ": it is finer than a millisecond")
    return int(total)


def format_ms(ms: int) -> str:
    """A duration in its usual form; `parse_ms` reads it back exactly.

    Examples
    --------
    >>> [format_ms(ms) for ms in (0, 250, 1500, 90_000, 5_400_000, 3_725_500, 14_400_000)]
    ['0s', '250ms', '1.5s', '90s', '90m', '1h2m5.5s', '4h']
    """
    if ms < 0:
        return "-" + format_ms(-ms)
    if ms == 0:
        return "0s"
    if ms < 1000:
        return f"{ms}ms"
    # Up to twice the next larger unit people count on: 90s, 90m, 36h.
    for symbol, size, larger in (
        ("d", DAY_MS, 14),
        ("h", 3_600_000, 48),
        ("m", 60_000, 120),
        ("s", 1000, 120),
    ):
        if (
            ms % size == 0
            and (ms // size < larger or symbol == "d")
            and (symbol != "d" or ms > size)
        ):
            return f"{ms // size}{symbol}"
    text, rest = "", ms
    for symbol, size in (("d", DAY_MS), ("h", 3_600_000), ("m", 60_000)):
        count, rest = divmod(rest, size)
        text += f"{count}{symbol}" if count else ""
    return text + (f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s" if rest else "")


def parse_bytes(value: object) -> int:
    """Bytes of a size, rounded to a whole byte.

    Examples
    --------
    >>> parse_bytes("1.5GiB"), parse_bytes("2kB")
    (1610612736, 2000)
    >>> parse_bytes("600Mi")
    Traceback (most recent call last):
    simulator.units.unit_systems.UnitError: '600Mi' is not a size; did you mean '600MiB'? (...
    """
    return round(SIZE.parse(value))


def format_bytes(count: int) -> str:
    """A size in its shortest exact form.

    Examples
    --------
    >>> format_bytes(1_610_612_736), format_bytes(2000), format_bytes(1025), format_bytes(0)
    ('1.5GiB', '2kB', '1025B', '0B')
    """
    return _shortest(Fraction(count), BYTES) or f"{count}B"


def approximate_bytes(count: float) -> str:
    """A size to three digits, for measured or computed values.

    Examples
    --------
    >>> approximate_bytes(48_586_817_536), approximate_bytes(3_221_225_473), approximate_bytes(512)
    ('45.2GiB', '3GiB', '512B')
    """
    units = [unit for unit, size in BYTES.items() if "iB" in unit and count >= size]
    unit = units[-1] if units else "B"
    return f"{count / float(BYTES[unit]):.3g}{unit}"


def parse_rate(value: object) -> float:
    """Events per second of a rate.

    Examples
    --------
    >>> parse_rate("50/s"), parse_rate("90/min")
    (50.0, 1.5)
    """
    return float(RATE.parse(value))


def format_rate(per_second: float) -> str:
    """A rate in the shortest form that reads back as the same number.

    Examples
    --------
    >>> format_rate(50.0), format_rate(200 / 60), format_rate(0.0)
    ('50/s', '200/min', '0/s')
    """
    return _shortest(per_second, PER) or f"{per_second:.9f}/s"


def parse_flow(value: object) -> float:
    """Bytes per second of a flow.

    Examples
    --------
    >>> parse_flow("2MiB/s"), parse_flow("60kB/min")
    (2097152.0, 1000.0)
    """
    return float(FLOW.parse(value))


def format_flow(per_second: float) -> str:
    """A flow of bytes in the shortest form that reads back as the same number.

    Examples
    --------
    >>> format_flow(2 * 1024**2)
    '2MiB/s'
    """
    return _shortest(per_second, FLOW.sizes) or f"{per_second:.9f}B/s"


def parse_ratio(value: object) -> float:
    """A ratio from 0 to 1, or a percentage from 0 % to 100 %; anything else is a UnitError.

    Examples
    --------
    >>> parse_ratio(0.6), parse_ratio("60%")
    (0.6, 0.6)
    >>> parse_ratio(60)
    Traceback (most recent call last):
    simulator.units.unit_systems.UnitError: 60 is not a ratio from 0 to 1; did you mean 0.6? (...
    >>> parse_ratio("115%")
    Traceback (most recent call last):
    simulator.units.unit_systems.UnitError: '115%' is not a ratio from 0 to 1: it is above 100 ...
    """
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value)
        if match is None:
            raise _ratio_error(value, suggestion=_suggested_ratio(value))
        ratio, maximum = float(Fraction(match[1]) / 100), "100 %"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        ratio, maximum = float(max(min(value, 10**18), -(10**18))), "1"
    else:
        raise _ratio_error(value)
    if ratio > 1:
        # 60 is meant as 60 %; 1.15 may be anything.
        percent = isinstance(value, int | float) and 2 <= ratio <= 100
        suggestion = f"{ratio / 100:g}" if percent else ""
        raise _ratio_error(value, "" if percent else f": it is above {maximum}", suggestion)
    if not ratio >= 0:  # NaN compares false: refused too
        raise _ratio_error(value, ": it is negative" if ratio < 0 else "")
    return ratio


def intended_number(text: str) -> str:
    """The number that a text stands for, where only a number is allowed; else nothing.

    Examples
    --------
    >>> intended_number("115%"), intended_number("3"), intended_number("three")
    ('1.15', '3', '')
    """
    if match := _PERCENT.fullmatch(text):
        return f"{float(Fraction(match[1]) / 100):g}"
    return text if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text) else ""


_PERCENT = re.compile(r"(-?\d{1,15}(?:\.\d{1,15})?)%")
_LOOSE_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,15})?) *(?:%|percent|per cent|pct)?")


def _suggested_ratio(text: str) -> str:
    """'60 percent' -> "'60%'", '0.6' -> '0.6'."""
    match = _LOOSE_PERCENT.fullmatch(text.strip())
    if match is None or float(match[1]) > 100:
        return ""
    return match[1] if match[1] == text and float(text) <= 1 else f"'{match[1]}%'"


def _ratio_error(value: object, reason: str = "", suggestion: str = "") -> UnitError:
    hint = f"; did you mean {suggestion}?" if suggestion else ""
    text = f"{format_value(value)} is not a ratio from 0 to 1"
    return UnitError(f"{text}{reason}{hint} (for example 0.6 or '60%')")


def _shortest(value: Fraction | float, sizes: Mapping[str, Fraction]) -> str | None:
    """The shortest text, of at most 6 significant digits, that reads back as exactly `value`."""
    exact = isinstance(value, Fraction)
    best: str | None = None
    for unit, size in sizes.items():
        number = f"{float(Fraction(value) / size):.6g}"
        if "e" in number:
            continue
        back = Fraction(number) * size
        same = back == value if exact else float(back) == value
        if same and (best is None or len(number + unit) < len(best)):
            best = number + unit
    return best
