"""Orders and what came of them, said as people say them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from simulator.run import Run
from simulator.score.players import action_of
from simulator.score.words import listing

Args = Mapping[str, Any]


class Doing(NamedTuple):
    """An order from when it was asked to when it was over."""

    t: int
    who: str
    action: str
    text: str
    state: str
    done: int | None
    note: str


def doings(run: Run) -> Iterator[Doing]:
    """Every order of a run with its outcome; the director's are told as injects."""
    over = {}
    for event in run.of("action"):
        if event.data.get("state") != "started":
            over[event.who, event.data.get("order")] = event
    for order in run.of("order"):
        if order.who == "director":
            continue
        action, end = action_of(order), over.get((order.who, order.data.get("id")))
        yield Doing(
            order.t,
            order.who,
            action,
            said(action, order.data.get("args") or {}),
            str(end.data.get("state")) if end else "under way",
            end.t if end else None,
            str(end.data.get("note") or "") if end else "",
        )


def said(action: str, args: Args) -> str:
    """An order as a sentence without its subject.

    Examples
    --------
    >>> said("declare", {"severity": "SEV3"}), said("restart", {"stage": "serving"})
    ('declares SEV3', 'orders restart: stage serving')
    """
    if action in SAYINGS:
        return SAYINGS[action](args)
    from simulator.report.story import arguments

    stated = arguments(args)
    return f"orders {action}" + (f": {stated}" if stated else "")


def _quoted(args: Args) -> str:
    return f": “{args['text']}”" if args.get("text") else ""


def _to(args: Args, name: str) -> str:
    to = args.get(name) or "somebody"
    return listing([str(one) for one in to]) if isinstance(to, list) else str(to)


SAYINGS: dict[str, Callable[[Args], str]] = {
    "acknowledge": lambda args: "acknowledges the page",
    "declare": lambda args: f"declares {args.get('severity', 'an incident')}",
    "diagnose": lambda args: f"says the cause is {args.get('cause')}",
    "page": lambda args: (
        f"pages {_to(args, 'team')}"
        + (f" about {args['about']}" if args.get("about") else "")
        + _quoted(args)
    ),
    "escalate": lambda args: f"escalates to {_to(args, 'to')}" + _quoted(args),
    "status_update": lambda args: f"tells {_to(args, 'to')}" + _quoted(args),
    "close": lambda args: "closes the incident",
}
