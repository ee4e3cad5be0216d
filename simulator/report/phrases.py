"""Small pieces of sentences that every telling shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from simulator.score.attribution import alert_identity
from simulator.units.wording import join_words


def shape(text: str) -> str:
    """A line without its numbers, so that lines which differ in them alone are alike.

    Examples
    --------
    >>> shape("pod api-7f9c restarted 3 times")
    'pod api-#f#c restarted # times'
    """
    return re.sub(r"\d+(?:\.\d+)?", "#", text)


def alert_names(alerts: Iterable[Any]) -> list[str]:
    """The names of the alerts of a page or notification, each once.

    Examples
    --------
    >>> alert_names(["Drift", {"alertname": "Drift", "feature": "x"}])
    ['Drift']
    """
    return list(dict.fromkeys(alert_identity(alert).name for alert in alerts))


def arguments(args: Mapping[str, Any]) -> str:
    """Arguments as an order writes them; what was left empty is left out.

    Examples
    --------
    >>> arguments({"feature": "dep_delay", "share": 0.6, "to": ["a", "b"], "text": ""})
    'feature dep_delay, share 0.6, to a and b'
    """
    stated = {name: value for name, value in args.items() if value not in ("", None, [])}
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in stated.items())


def people(value: Any) -> str:
    """Whom an argument names.

    Examples
    --------
    >>> people(["product", "support"]), people("ana"), people(None)
    ('product and support', 'ana', 'somebody')
    """
    return _value(value) if value else "somebody"


def short(text: str, most: int) -> str:
    """A text on one line, cut where it is too long.

    Examples
    --------
    >>> short("a  long line", 7)
    'a long…'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def number(value: Any) -> float:
    """A number as the log has it; what is none is NaN.

    Examples
    --------
    >>> number("nan"), number(None), number(0.5)
    (nan, nan, 0.5)
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return join_words([_value(one) for one in value])
    return f"{value:g}" if isinstance(value, float) else str(value)
