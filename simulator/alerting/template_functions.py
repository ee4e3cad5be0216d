"""The functions of templates."""

import html
import math
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.alerting import humanize
from simulator.promql.errors import PromQLError
from simulator.promql.functions.label_functions import expand_template
from simulator.promql.selection import anchored_regex
from simulator.promql.syntax import duration

VERB = re.compile(r"%(?P<flags>[-+# 0]*)(?P<width>\d*)(?:\.(?P<digits>\d*))?(?P<verb>[a-zA-Z%])")


def as_number(value: Any) -> float:
    """A number, or the number in a text.

    Examples
    --------
    >>> as_number("0.5"), as_number(3)
    (0.5, 3.0)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"can't convert {type(value).__name__} to float")
    return float(value)


def printf(template: str, *values: Any) -> str:
    """Go's Sprintf, for the verbs that annotations use.

    Examples
    --------
    >>> printf("%.2f%% of %s, %d, %q, %5.1f|%-4s|", 0.5, "api", 3, "x", 2.25, "a")
    '0.50% of api, 3, "x",   2.2|a   |'
    >>> printf("%d", 1.5), printf("%s %s", "a")
    ('%!d(float64=1.5)', 'a %!s(MISSING)')
    """
    remaining = list(values)

    def replacement(verb: re.Match[str]) -> str:
        if verb["verb"] == "%":
            return "%"
        if not remaining:
            return f"%!{verb['verb']}(MISSING)"
        return _pad(_format(verb, remaining.pop(0)), verb)

    text = VERB.sub(replacement, template)
    if remaining:
        text += "%!(EXTRA " + ", ".join(f"{_type(v)}={_plain(v)}" for v in remaining) + ")"
    return text


def _format(match: re.Match[str], value: Any) -> str:
    verb, digits = match["verb"], match["digits"]
    if verb == "v":
        return _plain(value)
    if verb in "feEgG" and isinstance(value, float):
        return _format_float(value, verb, digits, match["flags"])
    if verb in "dxXob" and isinstance(value, int) and not isinstance(value, bool):
        return format(value, ("+" if "+" in match["flags"] and verb == "d" else "") + verb)
    if verb in "sq" and isinstance(value, str):
        text = value if digits is None else value[: int(digits or 0)]
        return text if verb == "s" else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if verb == "t" and isinstance(value, bool):
        return _plain(value)
    return f"%!{verb}({_type(value)}={_plain(value)})"


def _format_float(value: float, verb: str, digits: str | None, flags: str) -> str:
    if math.isnan(value) or math.isinf(value):
        return humanize.general(value, 1)
    if verb in "gG" and digits is None:
        return humanize.shortest(value)
    size = 6 if digits is None else int(digits or 0)
    return format(value, f"{'+' if '+' in flags else ''}.{size}{verb}")


def _pad(text: str, verb: re.Match[str]) -> str:
    width = min(int(verb["width"] or 0), 200)
    if "-" in verb["flags"]:
        return text.ljust(width)
    if "0" in verb["flags"] and verb["verb"] not in "sqv":
        return text.zfill(width)
    return text.rjust(width)


def _type(value: Any) -> str:
    kinds = {bool: "bool", int: "int", float: "float64", str: "string"}
    return kinds.get(type(value), "map[string]string")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return humanize.shortest(value) if isinstance(value, float) else str(value)


def re_replace_all(pattern: str, replacement: str, text: str) -> str:
    """The text with every match replaced; $1 is a group.

    Examples
    --------
    >>> re_replace_all("(.*):.*", "$1", "localhost:9090")
    'localhost'
    """
    result: str = anchored_regex(pattern).sub(
        lambda match: expand_template(replacement, match), text
    )
    return result


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text."""
    return anchored_regex(pattern).search(text) is not None


def title(text: str) -> str:
    """The text with each word capitalized.

    Examples
    --------
    >>> title("disk is full")
    'Disk Is Full'
    """
    return re.sub(r"(^|\s)(\S)", lambda match: match[1] + match[2].upper(), text)


def strip_port(address: str) -> str:
    """A host without its port.

    Examples
    --------
    >>> strip_port("api-1:8080"), strip_port("[::1]:80")
    ('api-1', '::1')
    """
    match = re.fullmatch(r"\[(.+)\]:\d*|([^:]+):\d*", address)
    return (match[1] or match[2]) if match else address


def strip_domain(address: str) -> str:
    """A host without its domain, with its port.

    Examples
    --------
    >>> strip_domain("api-1.example.org:80")
    'api-1:80'
    """
    host, colon, port = address.partition(":")
    if re.fullmatch(r"[\d.]+", host) or (colon and ":" in port):
        return address
    return host.split(".")[0] + colon + port


def to_time(value: Any) -> datetime:
    """The time of a number of seconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=as_number(value))


def humanize_timestamp(value: Any) -> str:
    """A time in Go's format.

    Examples
    --------
    >>> humanize_timestamp(1435065584.128)
    '2015-06-23 13:19:44.128 +0000 UTC'
    """
    seconds = as_number(value)
    if math.isnan(seconds) or math.isinf(seconds):
        return humanize.general(seconds, 4)
    text = to_time(seconds).strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{text} +0000 UTC"


def first(items: Sequence[Any]) -> Any:
    """The first sample of a query."""
    if not items:
        raise ValueError("first() called on vector with no elements")
    return items[0]


def index(value: Any, *keys: Any) -> Any:
    """An element of a nested map or list."""
    for key in keys:
        value = value.get(key, "") if isinstance(value, Mapping) else value[key]
    return value


def sort_by_label(name: str, items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Samples sorted by a label."""
    return sorted(items, key=lambda item: str(item["Labels"].get(name, "")))


def first_false(*values: Any) -> Any:
    """The first false value, else the last."""
    return next((value for value in values if not value), values[-1])


def first_true(*values: Any) -> Any:
    """The first true value, else the last."""
    return next((value for value in values if value), values[-1])


def parse_duration(text: str) -> float:
    """A Prometheus duration in seconds."""
    try:
        return duration(text) / 1000
    except PromQLError as error:
        raise ValueError(str(error)) from None


def _on_numbers(function: Callable[[float], str]) -> Callable[[Any], str]:
    return lambda value: function(as_number(value))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "printf": printf,
    "print": lambda *values: "".join(_plain(value) for value in values),
    "println": lambda *values: " ".join(_plain(value) for value in values) + "\n",
    "humanize": _on_numbers(humanize.humanize),
    "humanize1024": _on_numbers(humanize.humanize_1024),
    "humanizeDuration": _on_numbers(humanize.humanize_duration),
    "humanizePercentage": _on_numbers(humanize.humanize_percentage),
    "humanizeTimestamp": humanize_timestamp,
    "toTime": to_time,
    "title": title,
    "toUpper": str.upper,
    "toLower": str.lower,
    "stripPort": strip_port,
    "stripDomain": strip_domain,
    "graphLink": lambda expr: f"/graph?g0.expr={urllib.parse.quote_plus(expr)}&g0.tab=0",
    "tableLink": lambda expr: f"/graph?g0.expr={urllib.parse.quote_plus(expr)}&g0.tab=1",
    "safeHtml": str,
    "reReplaceAll": re_replace_all,
    "match": matches,
    "parseDuration": parse_duration,
    "first": first,
    "value": lambda sample: sample["Value"],
    "label": lambda name, sample: sample["Labels"].get(name, ""),
    "strvalue": lambda sample: sample["Labels"].get("__value__", ""),
    "sortByLabel": sort_by_label,
    "args": lambda *values: {f"arg{number}": value for number, value in enumerate(values)},
    "externalURL": lambda: "",
    "pathPrefix": lambda: "",
    "index": index,
    "len": len,
    "eq": lambda value, *others: any(value == other for other in others),
    "ne": lambda left, right: left != right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "and": first_false,
    "or": first_true,
    "not": lambda value: not value,
    "html": html.escape,
    "urlquery": urllib.parse.quote_plus,
}
