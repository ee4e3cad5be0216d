"""How well the orders of a run follow the drill's playbook."""

from collections.abc import Iterator, Mapping

from simulator.analysis.alignment import Alignment, TakenStep, align
from simulator.analysis.run_record import RunRecord
from simulator.run.events import Event, LookEvent, OrderEvent
from simulator.run.header import ActionKind

LOOK = "look"
ACKNOWLEDGE = "acknowledge"
# What a step or move is worth: a look least, then words, most what changes the world or calls
# people.
LOOK_WEIGHT, WORDS_WEIGHT, ORDER_WEIGHT = 1, 2, 4


def playbook_fit(record: RunRecord) -> Alignment | None:
    """The alignment of a run with the playbook of its drill; None if the drill has none."""
    header = record.header
    if header.playbook is None:
        return None
    return align(list(taken_steps(record)), header.playbook, lambda a: weight(a, header.actions))


def weight(action: str, actions: Mapping[str, ActionKind]) -> int:
    """The weight of an action.

    Examples
    --------
    >>> actions = {"close": ActionKind("talk"), "page": ActionKind("people")}
    >>> [weight(action, actions) for action in ("look", "close", "page")]
    [1, 2, 4]
    """
    if action == LOOK:
        return LOOK_WEIGHT
    kind = actions.get(action)
    return WORDS_WEIGHT if kind is not None and kind.effect == "talk" else ORDER_WEIGHT


def taken_steps(record: RunRecord) -> Iterator[TakenStep]:
    """The steps of the graded players in order: their orders, and looks in between.

    A look that was taken since the last order already is none: somebody waits for something. A
    further acknowledgement is optional: whatever the playbook says, a page is taken.
    """
    looked: set[str] = set()
    acknowledged = False
    for line, event in _events_of_players(record):
        if isinstance(event, LookEvent):
            if event.expr not in looked:
                looked.add(event.expr)
                yield TakenStep(LOOK, {}, (line,))
        elif isinstance(event, OrderEvent):
            again = acknowledged and event.action == ACKNOWLEDGE
            acknowledged |= event.action == ACKNOWLEDGE
            looked.clear()
            yield TakenStep(event.action, event.args, (line,), optional=again)


def _events_of_players(record: RunRecord) -> Iterator[tuple[int, Event]]:
    """The orders and looks of the graded players, each with its line in log.jsonl."""
    players = record.header.graded_players
    # The log's first line is its header.
    for line, event in enumerate(record.run.events, 2):
        if event.who in players and not getattr(event, "simulated", False):
            yield line, event
