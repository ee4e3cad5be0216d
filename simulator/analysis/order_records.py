"""Every order with its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.run import Run
from simulator.run.events import ActionEvent, Args, OrderEvent
from simulator.run.player import DIRECTOR


@dataclass(frozen=True)
class OrderRecord:
    """An order, from its submission to its outcome; times in ms.

    Attributes
    ----------
    id : int
        Counted per player.
    simulated : bool
        Whether a simulated person gave it.
    state : str
        done, failed or unknown; `under way` or `waiting` at the end of the log.
    started : int or None
        When its action began, if the order had to wait for the player's hands before.
    done : int or None
        When its action ended, however it ended.
    changed : bool
        Whether its action changed any fact of the world; True for orders of another effect.
    targets : tuple of str
        The components that its action acted on.
    lines : tuple of int
        The lines of log.jsonl that show it.
    """

    t: int
    who: str
    id: int
    action: str
    args: Args
    simulated: bool
    state: str
    started: int | None
    done: int | None
    note: str
    result: Args
    changed: bool = True
    targets: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether its action failed, or may have failed."""
        return self.state in {"failed", "unknown"}


def facilitators(run: Run) -> frozenset[str]:
    """The director, and the players who direct the drill."""
    players = (player.name for player in run.header.players if player.role == "facilitator")
    return frozenset({DIRECTOR, *players})


def order_records(run: Run) -> list[OrderRecord]:
    """Every order in order of time; those of facilitators are injects, and left out."""
    actions: dict[tuple[str, int], dict[str, ActionEvent]] = {}
    lines: dict[tuple[str, int], list[int]] = {}
    # The log's first line is its header.
    for number, event in enumerate(run.events, 2):
        if isinstance(event, OrderEvent):
            lines[event.who, event.id] = [number]
        elif isinstance(event, ActionEvent):
            actions.setdefault((event.who, event.order), {})[event.state] = event
            lines.setdefault((event.who, event.order), []).append(number)
    left_out = facilitators(run)
    return [
        _record(order, actions.get((order.who, order.id), {}), lines[order.who, order.id])
        for order in run.of(OrderEvent)
        if order.who not in left_out
    ]


def _record(order: OrderEvent, states: dict[str, ActionEvent], lines: Sequence[int]) -> OrderRecord:
    end = next((event for event in states.values() if event.ends), None)
    waited = states.get("waiting")
    begun = states.get("started") if waited else None
    note = end.note if end else ""
    if end and waited and not begun:
        end = None  # the end of the drill ended it, not its action
    return OrderRecord(
        order.t, order.who, order.id, order.action, order.args, order.simulated,
        state=end.state if end else "waiting" if waited and not begun else "under way",
        started=begun.t if begun else None,
        done=end.t if end else None,
        note=note,
        result=end.result if end else {},
        changed=end.changed if end else True,
        targets=end.targets if end else (),
        lines=tuple(lines),
    )  # fmt: skip
