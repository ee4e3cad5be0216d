"""Which player did what: the graded player, the director, the simulated teams."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from simulator.run import Event, Run

# Actors that may order actions without being the graded player.
NOT_PLAYERS = frozenset({"director", "world", "run", "system"})


def not_graded(run: Run) -> frozenset[str]:
    """The actors of a run other than the graded player, simulated teams included."""
    simulated_teams = {event.who for event in run.of("page")} - {str(run.header.get("plays"))}
    return NOT_PLAYERS | simulated_teams


def done_actions(run: Run, kind: str) -> Iterator[Event]:
    """The graded player's actions of one kind that were done, in order."""
    others = not_graded(run)
    for event in run.of("action"):
        done = action_name(event) == kind and event.data.get("state") == "done"
        if done and event.who not in others:
            yield event


def first_change(run: Run) -> int | None:
    """When the graded player first ordered a change of the pipeline, ms; talk does not count."""
    others, talk = not_graded(run), run.header.get("talk") or ()
    times = (e.t for e in run.of("order") if e.who not in others and action_name(e) not in talk)
    return next(times, None)


def action_name(event: Event) -> str:
    """The action of an order or action event: acknowledge, declare, quarantine, …"""
    return str(event.data.get("action", ""))


def order_args(run: Run, action: Event) -> Mapping[str, Any]:
    """The arguments of the order that an action carried out."""
    for order in run.of("order"):
        if order.data.get("id") == action.data.get("order") and order.who == action.who:
            return order.data.get("args") or {}
    return {}


def claimed_cause(run: Run, diagnosis: Event) -> str:
    """The cause that a diagnosis names."""
    result = diagnosis.data.get("result")
    if isinstance(result, Mapping) and result.get("cause"):
        return str(result["cause"])
    return str(order_args(run, diagnosis).get("cause", ""))


class TrueCauses:
    """The true causes by the scenario's `expect`, `data.unit_change` for example.

    Examples
    --------
    >>> causes = TrueCauses(["data.unit_change"])
    >>> causes.match("unit_change", fault="unit_change")
    True
    >>> causes.match("data.nulls", fault="unit_change")
    False
    """

    def __init__(self, causes: list[str]) -> None:
        self.causes = causes

    @classmethod
    def of(cls, run: Run) -> Self:
        """The causes in a run's header."""
        causes = (run.header.get("expect") or {}).get("cause") or []
        return cls([causes] if isinstance(causes, str) else [str(cause) for cause in causes])

    def match(self, claim: str, fault: str, only_fault: bool = True) -> bool:
        """Whether a claim names the cause of a fault."""
        if not self.causes:
            return leaf(claim) == fault
        return self.match_any(claim) and (only_fault or leaf(claim) == fault)

    def match_any(self, claim: str) -> bool:
        """Whether a claim names any of the causes, in full or by its leaf."""
        return any(claim in (cause, leaf(cause)) for cause in self.causes)


def leaf(cause: str) -> str:
    """The last part of a cause's name in the catalogue's tree."""
    return cause.rpartition(".")[2]
