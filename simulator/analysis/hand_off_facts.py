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

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.analysis.order_records import OrderRecord
from simulator.analysis.statement import FactCheck, Situation, words_of
from simulator.analysis.timeline import Timeline
from simulator.run.events import LookEvent, PageEvent

EVIDENCE = 3
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w-])")
# Values are stated with three digits.
CLOSE = 0.02
SHORTEST_PATTERN = 5


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
            _evidence(timeline, page),
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


def _evidence(timeline: Timeline, page: PageEvent) -> FactCheck:
    team = timeline.header.graded_players
    looks = [
        look
        for look in timeline.run.of(LookEvent)
        if look.t <= page.t and (look.who == page.by or {look.who, page.by} <= team)
        if not look.error
    ]
    stated = [str(text) for text in _listed(page.facts, "evidence")]
    true = min(EVIDENCE, sum(_was_looked_at(text, looks) for text in dict.fromkeys(stated)))
    false = sum(not _was_looked_at(text, looks) for text in stated)
    exist = min(EVIDENCE, len({look.expr for look in looks}))
    return FactCheck("evidence", true, false, max(0, exist - true))


def _was_looked_at(text: str, looks: Sequence[LookEvent]) -> bool:
    """Whether a text names the series or log lines of a look, or has its value.

    A value that no such look showed makes it false.

    Examples
    --------
    >>> looks = [LookEvent(0, "ana", "max(ml_feature_psi)", 1, {}, 0.3581),
    ...          LookEvent(0, "ana", "log: 403 Forbidden", 2)]
    >>> texts = ("ml_feature_psi: 0.358", "ml_feature_psi: 0.9", "log 403 Forbidden", "the network",
    ...          "ml_feature_psi, http_requests_total and all others")
    >>> [_was_looked_at(text, looks) for text in texts]
    [True, False, True, False, False]
    """
    if any(_quotes(text, look) for look in looks):
        return True
    names = {word for word in re.findall(r"[A-Za-z_]\w*", text) if "_" in word}
    seen = " ".join(f"{look.expr} {look.labels}" for look in looks)
    if any(name not in seen for name in names):
        return False
    named = [look for look in looks if any(name in look.expr for name in names)]
    tail = text.rpartition(":")[2] if ":" in text else text
    numbers = [float(number) for number in NUMBER.findall(tail)]
    values = [look.value for look in (named or looks) if look.value is not None]
    shows = any(math.isclose(n, v, rel_tol=CLOSE) for n in numbers for v in values)
    return shows or (bool(named) and not (numbers and values))


def _quotes(text: str, look: LookEvent) -> bool:
    """Whether a text has what a log search looked for."""
    pattern = look.expr.removeprefix("log: ")
    # A pattern such as `.` finds every text.
    if pattern == look.expr or not look.count or len(pattern) < SHORTEST_PATTERN:
        return False
    try:
        return re.search(pattern, text) is not None
    except re.error:  # a long pattern is cut in the log
        return False


def tried_check(timeline: Timeline, who: str, t: int, facts: Mapping[str, Any]) -> FactCheck:
    """The check of the attempts that somebody stated at a time, ms."""
    ended = [
        order
        for order in timeline.order_records
        if order.who == who and order.done is not None and order.done <= t
    ]
    attempts = [order for order in ended if _changes_the_world(timeline, order)]
    open_attempts, false = list(attempts), 0
    for attempt in _listed(facts, "tried"):
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


def _listed(facts: Mapping[str, Any], field: str) -> Iterator[object]:
    value = facts.get(field) or ()
    yield from value if isinstance(value, list | tuple) else (value,)
