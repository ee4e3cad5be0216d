"""The orders of a run with their outcomes, in words."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.report.order_texts import TEXTS, order_text
from simulator.run import Run
from simulator.run.events import ActionEvent, OrderEvent

DIRECTOR = "director"
ENDED = frozenset({"done", "failed", "unknown"})


class OrderRecord(NamedTuple):
    """An order, from its submission to its outcome.

    Attributes
    ----------
    state : str
        done, failed or unknown; `under way` or `waiting` at the end of the drill.
    started : int or None, ms
        When its action began, if the order had to wait for the player's hands before.
    done : int or None, ms
        When its action ended, however it ended.
    """

    t: int
    who: str
    action: str
    text: str
    state: str
    started: int | None
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
    """Every order of a run with its outcome; orders of facilitators are injects, and left out."""
    actions: dict[tuple[str, int], dict[str, ActionEvent]] = {}
    for event in run.of(ActionEvent):
        actions.setdefault((event.who, event.order), {})[event.state] = event
    left_out, earlier = facilitators(run), dict[str, dict[int, str]]()
    for order in run.of(OrderEvent):
        if order.who in left_out:
            continue
        numbered = earlier.setdefault(order.who, {})
        states = actions.get((order.who, order.id), {})
        yield _record(order, order_text(order.action, order.args, numbered), states)
        numbered[order.id] = order.action


def facilitators(run: Run) -> frozenset[str]:
    """The director, and the players who direct the drill."""
    players = (player.name for player in run.header.players if player.role == "facilitator")
    return frozenset({DIRECTOR, *players})


def _record(order: OrderEvent, text: str, states: dict[str, ActionEvent]) -> OrderRecord:
    end = next((states[state] for state in states if state in ENDED), None)
    waited = states.get("waiting")
    begun = states.get("started") if waited else None
    state = "waiting" if waited and not begun else "under way"
    return OrderRecord(
        order.t, order.who, order.action, text,
        state=end.state if end else state,
        started=begun.t if begun else None,
        done=end.t if end else None,
        note=_note(order.action, end) if end else "",
    )  # fmt: skip


def _note(action: str, outcome: ActionEvent) -> str:
    """The note of an action; a done action with a text of its own repeats only that in its note."""
    if action in TEXTS and outcome.state == "done":
        return ""
    return outcome.note
