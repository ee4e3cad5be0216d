"""The orders of a run with their outcomes, in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from simulator.report.phrases import format_args, format_recipients
from simulator.run import Run
from simulator.run.events import ActionEvent, OrderEvent

Args = Mapping[str, Any]


class OrderRecord(NamedTuple):
    """An order, from its submission to its outcome."""

    t: int
    who: str
    action: str
    text: str
    state: str
    done: int | None
    note: str

    @property
    def failed(self) -> bool:
        """Whether its action failed, or may have failed."""
        return self.state in {"failed", "unknown"}

    @property
    def note_suffix(self) -> str:
        """The note of its action as the end of a sentence."""
        return f": {self.note}" if self.note else ""


def order_records(run: Run) -> Iterator[OrderRecord]:
    """Every order of a run with its outcome; the director's orders are injects, and left out."""
    outcomes = {}
    for event in run.of(ActionEvent):
        if event.state != "started":
            outcomes[event.who, event.order] = event
    for order in run.of(OrderEvent):
        if order.who == "director":
            continue
        action, outcome = order.action, outcomes.get((order.who, order.id))
        yield OrderRecord(
            order.t,
            order.who,
            action,
            order_text(action, order.args),
            outcome.state if outcome else "under way",
            outcome.t if outcome else None,
            _note(action, outcome) if outcome else "",
        )


def _note(action: str, outcome: ActionEvent) -> str:
    """The note of an action; a done action with a text of its own repeats only that in its note."""
    if action in TEXTS and outcome.state == "done":
        return ""
    return outcome.note


def order_text(action: str, args: Args) -> str:
    """An order as a sentence without its subject.

    Examples
    --------
    >>> order_text("declare", {"severity": "SEV3"}), order_text("restart", {"stage": "serving"})
    ('declares SEV3', 'orders restart: stage serving')
    """
    if action in TEXTS:
        return TEXTS[action](args)
    formatted = format_args(args)
    return f"orders {action}" + (f": {formatted}" if formatted else "")


def _quoted_text(args: Args) -> str:
    return f": “{args['text']}”" if args.get("text") else ""


TEXTS: dict[str, Callable[[Args], str]] = {
    "acknowledge": lambda args: "acknowledges the page",
    "declare": lambda args: f"declares {args.get('severity', 'an incident')}",
    "diagnose": lambda args: f"diagnoses {args.get('cause')}",
    "page": lambda args: (
        f"pages {format_recipients(args.get('team'))}"
        + (f" about {args['about']}" if args.get("about") else "")
        + _quoted_text(args)
    ),
    "escalate": lambda args: (
        f"escalates to {format_recipients(args.get('to'))}" + _quoted_text(args)
    ),
    "status_update": lambda args: (
        f"updates {format_recipients(args.get('to'))}" + _quoted_text(args)
    ),
    "close": lambda args: "closes the incident",
}
