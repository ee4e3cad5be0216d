"""Times, values and counts as a sentence writes them."""

import math
from collections.abc import Mapping, Set

# Every series of a scrape has the same.
SCRAPE_LABELS = frozenset({"__name__", "job", "instance", "namespace"})
RATIOS = frozenset({"", "ratio"})


def singularize(noun: str) -> str:
    """The singular of a regular noun in the plural.

    Examples
    --------
    >>> singularize("pages"), singularize("queries")
    ('page', 'query')
    """
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


def hhmm(t: int) -> str:
    """A moment of simulated time, in ms, to the minute.

    Examples
    --------
    >>> hhmm(47 * 60_000 + 59_000)
    '00:47'
    """
    minutes = t // 60_000
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hhmmss(t: int) -> str:
    """A moment of simulated time, in ms, to the second.

    Examples
    --------
    >>> hhmmss(3_723_000)
    '01:02:03'
    """
    return f"{hhmm(t)}:{t // 1000 % 60:02d}"


def format_duration(ms: float) -> str:
    """A duration rounded to its two largest units; `format_ms` is the exact form.

    Examples
    --------
    >>> [format_duration(ms) for ms in (400, 35_000, 95_000, 600_000, 7_260_000)]
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


def format_amount(value: float, unit: str = "") -> str:
    """A value of an objective with its unit; 'undefined' if it is not finite.

    Below a minute a duration has three digits, as a latency's limit lies between two whole
    seconds. A ratio close to 1 has enough digits to differ from 1: in an availability the nines
    count.

    Examples
    --------
    >>> [format_amount(ratio) for ratio in (0.7134, 1.0, 0.9951, 0.9995, 0.99987)]
    ['.713', '1', '.995', '.9995', '.99987']
    >>> [format_amount(seconds, "seconds") for seconds in (0.3, 1.461, 35, 59.7, 900)]
    ['0.3 s', '1.46 s', '35 s', '59.7 s', '15 min']
    >>> format_amount(1461, "ms"), format_amount(1, "pages"), format_amount(float("nan"))
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
        return f"{value:.3g} s" if abs(value) < 60 else format_duration(value * 1000)
    if unit in {"ms", "milliseconds"}:
        return f"{value:.3g} ms" if abs(value) < 1000 else format_amount(value / 1000, "seconds")
    return format_count(value, unit, 3)


def format_sample(
    labels: Mapping[str, str], value: float | None, left_out: Set[str] = SCRAPE_LABELS
) -> str:
    """A sample in words: its labels' values but for those left out, and its value.

    Examples
    --------
    >>> labels = {"__name__": "ml_feature_null_ratio", "job": "features", "feature": "dep_delay"}
    >>> format_sample(labels, 0.7134), format_sample({}, 1.0)
    ('dep_delay .713', '1')
    """
    texts = [text for name, text in labels.items() if name not in left_out]
    return f"{', '.join(texts)} {format_sample_value(value)}".strip()


def format_sample_value(value: float | None) -> str:
    """A sample's value in three digits.

    Examples
    --------
    >>> [format_sample_value(value) for value in (0.7134, 12.345, 4e-05, 1_234_567.8, None)]
    ['.713', '12.3', '4e-05', '1,234,568', 'undefined']
    """
    if value is None or math.isnan(value):
        return "undefined"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 or 0 < abs(value) < 0.001 else format_amount(value)


def format_beside_limit(value: float, limit: float, unit: str = "") -> str:
    """A value just outside its limit, with enough digits to differ from the limit.

    Examples
    --------
    >>> [format_beside_limit(value, 0.82, "ratio") for value in (0.7134, 0.8199, 0.81996)]
    ['.713', '.8199', '.81996']
    >>> format_beside_limit(0.4004, 0.4, "seconds")
    '0.4004 s'
    """
    text = format_amount(value, unit)
    if text != format_amount(limit, unit) or value == limit:
        return text
    digits = 3 - math.floor(math.log10(abs(value - limit) / max(abs(value), abs(limit))))
    number = f"{value:.{min(digits, 9) - 2}g}"
    if unit in RATIOS:
        return number[1:] if number.startswith("0.") else number
    return f"{number} s" if unit in {"s", "seconds"} and abs(value) < 60 else text


def format_count(value: float, unit: str, digits: int = 6) -> str:
    """A number with its unit, a noun in the plural; 1 takes the singular.

    Examples
    --------
    >>> format_count(1, "pages"), format_count(1.5, "requests"), format_count(1, "entries")
    ('1 page', '1.5 requests', '1 entry')
    """
    text = f"{value:.{digits}g}"
    if text == "1":
        unit = singularize(unit)
    return f"{text} {unit}".rstrip()


def join_words(items: list[str]) -> str:
    """Names joined by commas and a last "and".

    Examples
    --------
    >>> join_words(["accuracy", "freshness", "availability"])
    'accuracy, freshness and availability'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
