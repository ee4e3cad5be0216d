"""Who did what: the graded player, the director, the teams that the simulator plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.run import Event, Run

# Who may order things without being the player that is graded.
NOT_PLAYERS = frozenset({"director", "world", "run", "system"})


def other_teams(run: Run) -> frozenset[str]:
    """The teams of this run that the simulator plays."""
    return frozenset(event.who for event in run.of("page")) - {str(run.header.get("plays"))}


def actions(run: Run, kind: str) -> Iterator[Event]:
    """The player's actions of one kind that were done, in order."""
    others = other_teams(run) | NOT_PLAYERS
    for event in run.of("action"):
        done = action_of(event) == kind and event.data.get("state") == "done"
        if done and event.who not in others:
            yield event


def first_change(run: Run) -> int | None:
    """When the player first ordered something that changes the pipeline, ms; talk does not."""
    others, talk = other_teams(run) | NOT_PLAYERS, run.header.get("talk") or ()
    times = (e.t for e in run.of("order") if e.who not in others and action_of(e) not in talk)
    return next(times, None)


def action_of(event: Event) -> str:
    """Which action an order asks for or an action is: acknowledge, declare, quarantine, …"""
    return str(event.data.get("action", ""))


def args_of(run: Run, action: Event) -> Mapping[str, Any]:
    """The arguments of the order that an action carried out."""
    for order in run.of("order"):
        if order.data.get("id") == action.data.get("order") and order.who == action.who:
            return order.data.get("args") or {}
    return {}


def claimed(run: Run, diagnosis: Event) -> str:
    """The cause that a diagnosis names."""
    result = diagnosis.data.get("result")
    if isinstance(result, Mapping) and result.get("cause"):
        return str(result["cause"])
    return str(args_of(run, diagnosis).get("cause", ""))


class Causes:
    """The true causes as the scenario's `expect` states them, `data.unit_change` for example.

    Examples
    --------
    >>> truth = Causes(["data.unit_change"])
    >>> truth.names("unit_change", of="unit_change"), truth.names("data.nulls", of="unit_change")
    (True, False)
    """

    def __init__(self, stated: list[str]) -> None:
        self.stated = stated

    @classmethod
    def of(cls, run: Run) -> Causes:
        """The causes in a run's header."""
        stated = (run.header.get("expect") or {}).get("cause") or []
        return cls([stated] if isinstance(stated, str) else [str(cause) for cause in stated])

    def names(self, claim: str, of: str, alone: bool = True) -> bool:
        """Whether a claim names the cause of the fault `of`; `alone`: there is no other."""
        if not self.stated:
            return leaf(claim) == of
        return self.names_any(claim) and (alone or leaf(claim) == of)

    def names_any(self, claim: str) -> bool:
        """Whether a claim names one of the causes, in full or by its leaf."""
        return any(claim in (cause, leaf(cause)) for cause in self.stated)


def leaf(cause: str) -> str:
    """The last part of a cause's name in the catalogue's tree."""
    return cause.rpartition(".")[2]
