"""Small pieces of sentences that all reports share."""

import re
import shlex
from collections.abc import Mapping

from simulator.analysis.truth import Objective
from simulator.run import Header, Player, Run
from simulator.run.events import PageEvent
from simulator.units.wording import format_amount, join_words


def line_pattern(text: str) -> str:
    """A log line without its numbers; lines with the same pattern differ only in numbers.

    Examples
    --------
    >>> line_pattern("pod api-7f9c restarted 3 times")
    'pod api-#f#c restarted # times'
    """
    return re.sub(r"\d+(?:\.\d+)?", "#", text)


def measure_title(name: str) -> str:
    """The name of a measure at the start of a sentence.

    Examples
    --------
    >>> measure_title("time_to_detect")
    'Time to detect'
    """
    return name.replace("_", " ").capitalize()


def page_subject(page: PageEvent) -> str:
    """The subject of a page: its alerts, or the text of the person who sent it."""
    alerts = join_words([*dict.fromkeys(page.alerts)])
    return alerts or page.about


def format_limit(objective: Objective) -> str:
    """An objective's limit.

    Examples
    --------
    >>> format_limit(Objective("accuracy", low=0.84, unit="ratio"))
    'min .84'
    """
    side = "min" if objective.has_minimum else "max"
    return f"{side} {format_amount(objective.limit, objective.unit)}"


def format_args(args: Mapping[str, object]) -> str:
    """The arguments of an order; empty ones are left out.

    Examples
    --------
    >>> format_args({"feature": "dep_delay", "share": 0.6, "to": ["a", "b"], "text": ""})
    'feature dep_delay, share 0.6, to a and b'
    """
    present = {name: value for name, value in args.items() if value not in ("", None, [])}
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in present.items())


def format_recipients(value: object) -> str:
    """The teams or people of an argument.

    Examples
    --------
    >>> format_recipients(["product", "support"]), format_recipients("ana"), format_recipients(None)
    ('product and support', 'ana', 'somebody')
    """
    return _value(value) if value else "somebody"


def format_players(header: Header) -> str:
    """Who plays a drill: its responder, or its players where there are several.

    Examples
    --------
    >>> format_players(Header(0, "run", responder="restart-first", plays="ml"))
    'responder restart-first for ml'
    >>> bot = Player("bot", "ml", kind="automation", graded=False)
    >>> format_players(Header(0, "run", players=(Player("ana", "ml"), bot)))
    'players: ana (person), bot (automation, not graded)'
    """
    if len(header.players) > 1:
        return f"players: {', '.join(map(format_player, header.players))}"
    if header.responder == "none":
        return f"without a responder for {header.plays}"
    return f"responder {header.responder} for {header.plays}"


def format_player(player: Player) -> str:
    """A player with the kind or role.

    Examples
    --------
    >>> format_player(Player("cleo", role="facilitator"))
    'cleo (facilitator)'
    """
    if player.role != "responder":
        return f"{player.name} ({player.role})"
    return f"{player.name} ({player.kind}{'' if player.graded else ', not graded'})"


def repeat_commands(run: Run) -> list[tuple[str, str]]:
    """The commands that play a run's drill again, and simulate the run again with its orders.

    A run in memory has none, and one that was cut off cannot be simulated again.
    """
    commands = [("again", run.header.command)] if run.header.command else []
    if run.folder is not None and run.complete:
        commands.append(("replay", f"drill replay {shlex.quote(str(run.folder))}"))
    return commands


def shorten(text: str, length: int) -> str:
    """A text on one line, truncated to a length.

    Examples
    --------
    >>> shorten("a  long line", 7)
    'a long…'
    """
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return join_words([_value(item) for item in value])
    return f"{value:g}" if isinstance(value, float) else str(value)
