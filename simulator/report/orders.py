"""Orders and what came of them, said as people say them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from simulator.report.phrases import arguments, people
from simulator.run import Event, Run
from simulator.score.players import action_name

Args = Mapping[str, Any]


class OrderRecord(NamedTuple):
    """An order from when it was asked to when it was over."""

    t: int
    who: str
    action: str
    text: str
    state: str
    done: int | None
    note: str

    @property
    def noted(self) -> str:
        """What it reported, as the end of a sentence."""
        return f": {self.note}" if self.note else ""


def order_records(run: Run) -> Iterator[OrderRecord]:
    """Every order of a run with its outcome; the director's are told as injects."""
    over = {}
    for event in run.of("action"):
        if event.data.get("state") != "started":
            over[event.who, event.data.get("order")] = event
    for order in run.of("order"):
        if order.who == "director":
            continue
        action, end = action_name(order), over.get((order.who, order.data.get("id")))
        yield OrderRecord(
            order.t,
            order.who,
            action,
            said(action, order.data.get("args") or {}),
            str(end.data.get("state")) if end else "under way",
            end.t if end else None,
            _note(action, end) if end else "",
        )


def _note(action: str, end: Event) -> str:
    """What an action reported; of what was said already, only why it failed."""
    if action in SAYINGS and end.data.get("state") == "done":
        return ""
    return str(end.data.get("note") or "")


def said(action: str, args: Args) -> str:
    """An order as a sentence without its subject.

    Examples
    --------
    >>> said("declare", {"severity": "SEV3"}), said("restart", {"stage": "serving"})
    ('declares SEV3', 'orders restart: stage serving')
    """
    if action in SAYINGS:
        return SAYINGS[action](args)
    stated = arguments(args)
    return f"orders {action}" + (f": {stated}" if stated else "")


def _quoted(args: Args) -> str:
    return f": “{args['text']}”" if args.get("text") else ""


SAYINGS: dict[str, Callable[[Args], str]] = {
    "acknowledge": lambda args: "acknowledges the page",
    "declare": lambda args: f"declares {args.get('severity', 'an incident')}",
    "diagnose": lambda args: f"says the cause is {args.get('cause')}",
    "page": lambda args: (
        f"pages {people(args.get('team'))}"
        + (f" about {args['about']}" if args.get("about") else "")
        + _quoted(args)
    ),
    "escalate": lambda args: f"escalates to {people(args.get('to'))}" + _quoted(args),
    "status_update": lambda args: f"tells {people(args.get('to'))}" + _quoted(args),
    "close": lambda args: "closes the incident",
}
