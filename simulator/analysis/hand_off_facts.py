"""The facts of a hand-off, checked against the log.

========== ================================================================================
field      true if
========== ================================================================================
impact     it names an objective that was outside, or was to be soon
since      a fault began then, or was noticed first
severity   it was the right one
suspect    it was at fault
need       it names what was at fault, an action that needed the approval, or one that followed
evidence   its caller had looked at it; three at most
tried      it was an own order on the world that had ended; one for each
========== ================================================================================
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simulator.analysis.hand_off_evidence import evidence_check
from simulator.analysis.order_records import OrderRecord
from simulator.analysis.statement import FactCheck, Situation, facts_listed, words_of
from simulator.analysis.timeline import Timeline
from simulator.run.events import PageEvent


class HandOffFacts(NamedTuple):
    """The facts of a hand-off: how many are true, false and missing."""

    checks: tuple[FactCheck, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """The true, the false and the missing facts."""
        checks = self.checks
        return (
            sum(check.true for check in checks),
            sum(check.false for check in checks),
            sum(check.missing for check in checks),
        )

    def fields(self, kind: str) -> list[str]:
        """The fields with any fact of a kind: true, false, missing."""
        return [check.field for check in self.checks if getattr(check, kind)]


def hand_off_facts(timeline: Timeline, page: PageEvent) -> HandOffFacts:
    """The checked facts of the first event of a page, which has them."""
    situation = Situation(timeline, page.t)
    return HandOffFacts(
        (
            *situation.checks(page.facts),
            _need(situation, page),
            evidence_check(timeline, page),
            tried_check(timeline, page.by, page.t, page.facts),
        )
    )


def _need(situation: Situation, page: PageEvent) -> FactCheck:
    timeline = situation.timeline
    words = words_of(str(page.facts.get("need") or ""))
    followed = {
        order.action
        for order in timeline.order_records
        if order.simulated and order.t >= page.t and order.state == "done"
    }
    asked = {need.action for need in timeline.needs if need.reason == "permission"}
    at_fault = {name.lower() for name in situation.at_fault}
    components = {name.lower() for name in timeline.header.related} | at_fault
    actions = words & timeline.header.actions.keys()
    is_true: bool | None = None
    if not actions <= followed | asked:
        is_true = False
    elif actions or words & at_fault:
        # Whoever names everything names nothing; the name of a component may be a plain word.
        is_true = True if words & components <= at_fault else None
    return FactCheck.of("need", is_true, exists=True)


def tried_check(timeline: Timeline, who: str, t: int, facts: Mapping[str, Any]) -> FactCheck:
    """The check of the attempts that somebody stated at a time, ms."""
    ended = [
        order
        for order in timeline.order_records
        if order.who == who and order.done is not None and order.done <= t
    ]
    attempts = [order for order in ended if _changes_the_world(timeline, order)]
    open_attempts, false = list(attempts), 0
    for attempt in facts_listed(facts, "tried"):
        match, is_false = _match(timeline, attempt, open_attempts, ended)
        false += is_false
        if match is not None:
            open_attempts.remove(match)
    return FactCheck("tried", len(attempts) - len(open_attempts), false, len(open_attempts))


def _match(
    timeline: Timeline,
    attempt: object,
    open_attempts: Sequence[OrderRecord],
    ended: Sequence[OrderRecord],
) -> tuple[OrderRecord | None, bool]:
    """The own order that a stated attempt means; whether the attempt is false.

    A text that names no action is neither.
    """
    if isinstance(attempt, int):
        match = next((order for order in open_attempts if order.id == attempt), None)
        return match, all(order.id != attempt for order in ended)
    actions = words_of(str(attempt)) & timeline.header.actions.keys()
    is_false = not actions <= {order.action for order in ended}
    matches = (order for order in open_attempts if order.action in actions and not is_false)
    return next(matches, None), is_false


def _changes_the_world(timeline: Timeline, order: OrderRecord) -> bool:
    kind = timeline.header.actions.get(order.action)
    return kind is not None and kind.effect == "world"
