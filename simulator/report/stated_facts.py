"""The facts that a hand-off or an update states, in words."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.report.phrases import shorten
from simulator.units import UnitError, parse_ms
from simulator.units.wording import format_duration, join_words

# The facts of pages, escalations and updates, in the order in which they are told.
FACTS = ("impact", "since", "severity", "suspect", "evidence", "tried", "need", "next_update")


def format_facts(args: Mapping[str, object], orders: Mapping[int, str]) -> str:
    """The facts among an order's arguments.

    Parameters
    ----------
    orders : mapping of int to str
        The player's orders by number, to which `tried` may refer.

    Examples
    --------
    >>> facts = {"impact": "late predictions", "since": "20m", "tried": [2, "a restart"]}
    >>> format_facts({"team": "data-engineering", **facts}, {2: "rollback"})
    'impact: late predictions; for 20 min; tried: rollback and a restart'
    """
    return "; ".join(_facts(args, orders))


def _facts(args: Mapping[str, object], orders: Mapping[int, str]) -> Iterator[str]:
    for name in FACTS:
        value = args.get(name)
        if value in (None, "", [], ()):
            continue
        if name == "since":
            yield f"for {_duration(value)}"
        elif name == "next_update":
            yield f"next update in {_duration(value)}"
        elif name == "severity":
            yield str(value)
        else:
            texts = value if isinstance(value, list | tuple) else [value]
            yield f"{name}: {_texts(texts, orders if name == 'tried' else {})}"


def _texts(values: Sequence[object], orders: Mapping[int, str]) -> str:
    texts = [orders.get(value, value) if isinstance(value, int) else value for value in values]
    return join_words([shorten(str(text), 100) for text in texts])


def _duration(value: object) -> str:
    try:
        return format_duration(parse_ms(value))
    except UnitError:
        return str(value)
