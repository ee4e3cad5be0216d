"""Orders as sentences without their subject."""

from collections.abc import Callable, Mapping

from simulator.report.phrases import format_args, format_recipients
from simulator.report.stated_facts import format_facts
from simulator.run.events import Args


def order_text(action: str, args: Args, earlier: Mapping[int, str] | None = None) -> str:
    """An order as a sentence without its subject.

    Parameters
    ----------
    earlier : mapping of int to str, optional
        The actions of the player's earlier orders by number, to which a hand-off may refer.

    Examples
    --------
    >>> order_text("declare", {"severity": "SEV3"}), order_text("restart", {"stage": "serving"})
    ('declares SEV3', 'orders restart: stage serving')
    >>> order_text("assign", {"role": "commander", "to": "jo"})
    'makes jo commander'
    >>> order_text("page", {"team": "data", "need": "a look", "tried": [1]}, {1: "rollback"})
    'pages data; tried: rollback; need: a look'
    """
    if action in TEXTS:
        facts = format_facts(args, earlier or {}) if action in STATING else ""
        return TEXTS[action](args) + (f"; {facts}" if facts else "")
    formatted = format_args(args)
    return f"orders {action}" + (f": {formatted}" if formatted else "")


def _declare(args: Args) -> str:
    return f"declares {args.get('severity', 'an incident')}{_of_incident(args)}"


def _assign(args: Args) -> str:
    return f"makes {args.get('to')} {args.get('role')}"


def _approve(args: Args) -> str:
    target = f" of {args['target']}" if args.get("target") else ""
    team = f" by {args['team']}" if args.get("team") else ""
    return f"approves {args.get('action')}{target}{team}"


def _diagnose(args: Args) -> str:
    component = f" in {args['component']}" if args.get("component") else ""
    return f"diagnoses {args.get('cause')}{component}{_of_incident(args)}"


def _page(args: Args) -> str:
    return f"pages {format_recipients(args.get('team'))}{_about(args)}{_quoted_text(args)}"


def _escalate(args: Args) -> str:
    to = format_recipients(args["to"]) if args.get("to") else "the next level"
    return f"escalates to {to}{_about(args)}{_quoted_text(args)}"


def _status_update(args: Args) -> str:
    to = format_recipients(args["to"]) if args.get("to") else "everybody"
    return f"updates {to}{_of_incident(args)}{_quoted_text(args)}"


def _close(args: Args) -> str:
    return (
        f"closes the incident {args['incident']}" if args.get("incident") else "closes the incident"
    )


def _about(args: Args) -> str:
    return f" about {args['about']}" if args.get("about") else ""


def _of_incident(args: Args) -> str:
    """The label that the player gave to one of several incidents."""
    return f" (incident {args['incident']})" if args.get("incident") else ""


def _quoted_text(args: Args) -> str:
    return f": “{args['text']}”" if args.get("text") else ""


TEXTS: dict[str, Callable[[Args], str]] = {
    "acknowledge": lambda args: "acknowledges the page",
    "assign": _assign,
    "approve": _approve,
    "declare": _declare,
    "diagnose": _diagnose,
    "page": _page,
    "escalate": _escalate,
    "status_update": _status_update,
    "close": _close,
}
# Orders that state facts to people.
STATING = frozenset({"page", "escalate", "status_update"})
