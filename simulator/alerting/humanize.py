"""Formats of numbers in Prometheus' templates."""

import math

import numpy as np


def humanize(value: float) -> str:
    """A number with a metric prefix and four digits.

    Examples
    --------
    >>> humanize(1234567.0), humanize(0.00012), humanize(0.0)
    ('1.235M', '120u', '0')
    """
    if value == 0 or math.isnan(value) or math.isinf(value):
        return general(value, 4)
    prefix = ""
    if abs(value) >= 1:
        for candidate in "kMGTPEZY":
            if abs(value) < 1000:
                break
            prefix = candidate
            value /= 1000
        return general(value, 4) + prefix
    for candidate in "munpfazy":
        if abs(value) >= 1:
            break
        prefix = candidate
        value *= 1000
    return general(value, 4) + prefix


def humanize_1024(value: float) -> str:
    """A number with a binary prefix and four digits.

    Examples
    --------
    >>> humanize_1024(3 * 1024.0 ** 3)
    '3Gi'
    """
    if abs(value) <= 1 or math.isnan(value) or math.isinf(value):
        return general(value, 4)
    prefix = ""
    for candidate in ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"):
        if abs(value) < 1024:
            break
        prefix = candidate
        value /= 1024
    return general(value, 4) + prefix


def humanize_percentage(value: float) -> str:
    """A ratio as a percentage with four digits.

    Examples
    --------
    >>> humanize_percentage(0.12345)
    '12.35%'
    """
    return general(value * 100, 4) + "%"


def humanize_duration(value: float) -> str:
    """Seconds as days, hours, minutes and seconds; below a second with a prefix.

    Examples
    --------
    >>> humanize_duration(90061.0), humanize_duration(0.0042), humanize_duration(12.5)
    ('1d 1h 1m 1s', '4.2ms', '12.5s')
    """
    if math.isnan(value) or math.isinf(value):
        return general(value, 4)
    if value == 0:
        return "0s"
    if abs(value) >= 1:
        sign = "-" if value < 0 else ""
        value = abs(value)
        duration = int(value)
        seconds, minutes = duration % 60, duration // 60 % 60
        hours, days = duration // 3600 % 24, duration // 86400
        if days:
            return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
        if hours:
            return f"{sign}{hours}h {minutes}m {seconds}s"
        if minutes:
            return f"{sign}{minutes}m {seconds}s"
        return f"{sign}{general(value, 4)}s"
    prefix = ""
    for candidate in "munpfazy":
        if abs(value) >= 1:
            break
        prefix = candidate
        value *= 1000
    return f"{general(value, 4)}{prefix}s"


def general(value: float, digits: int) -> str:
    """A number in Go's %.{digits}g format.

    Examples
    --------
    >>> general(1e20, 4), general(0.5, 4), general(float("inf"), 4)
    ('1e+20', '0.5', '+Inf')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.{digits}g}"


def shortest(value: float) -> str:
    """A float64 in Go's %v format: the shortest digits that read back the same.

    Examples
    --------
    >>> shortest(0.1), shortest(7776000.0), shortest(5.0), shortest(1e-7)
    ('0.1', '7.776e+06', '5', '1e-07')
    >>> shortest(123456.789), shortest(1234567.89), shortest(0.0001)
    ('123456.789', '1.23456789e+06', '0.0001')
    """
    if math.isnan(value) or math.isinf(value):
        return general(value, 4)
    number = float(value)
    if number == 0 or 1e-4 <= abs(number) < 1e6:
        return repr(number).removesuffix(".0")
    return np.format_float_scientific(number, trim="-", exp_digits=2)
