"""Which player did what: the graded player, the director, the simulated teams."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from simulator.run import Run
from simulator.run.events import ActionEvent, OrderEvent, PageEvent

# Actors that may order actions without being the graded player.
NOT_PLAYERS = frozenset({"director", "world", "run", "system"})


def not_graded(run: Run) -> frozenset[str]:
    """The actors of a run other than the graded player, simulated teams included."""
    simulated_teams = {event.who for event in run.of(PageEvent)} - {run.header.plays}
    return NOT_PLAYERS | simulated_teams


def done_actions(run: Run, kind: str) -> Iterator[ActionEvent]:
    """The graded player's actions of one kind that were done, in order."""
    others = not_graded(run)
    for event in run.of(ActionEvent):
        done = event.action == kind and event.state == "done"
        if done and event.who not in others:
            yield event


def first_change(run: Run) -> int | None:
    """When the graded player first ordered a change of the pipeline, ms; talk does not count."""
    others, kinds = not_graded(run), run.header.actions
    times = (
        event.t
        for event in run.of(OrderEvent)
        if event.who not in others
        and (event.action not in kinds or kinds[event.action].effect == "world")
    )
    return next(times, None)


def order_args(run: Run, action: ActionEvent) -> Mapping[str, Any]:
    """The arguments of the order that an action carried out."""
    for order in run.of(OrderEvent):
        if order.id == action.order and order.who == action.who:
            return order.args
    return {}


def claimed_cause(run: Run, diagnosis: ActionEvent) -> str:
    """The cause that a diagnosis names."""
    result = diagnosis.result
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
        return cls(list(run.header.expect.cause))

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
