"""The facts of an incident that a person stated, checked against what was true then.

Free text is compared by the names in it alone, so that nothing is earned by words.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simulator.analysis.page_history import earliest
from simulator.analysis.severity_path import severity_at
from simulator.analysis.timeline import Timeline
from simulator.run.events import InjectEvent
from simulator.units import UnitError, parse_ms

# An impact or a severity that follows within this time was foreseen, ms.
FORESEEN = 10 * 60_000
# How far off the stated beginning may be, ms.
SINCE_TOLERANCE = 5 * 60_000


class FactCheck(NamedTuple):
    """A field of a statement: how many of its facts are true, false, or missing.

    Examples
    --------
    >>> FactCheck.of("severity", is_true=False, exists=True)
    FactCheck(field='severity', true=0, false=1, missing=1)
    """

    field: str
    true: int = 0
    false: int = 0
    missing: int = 0

    @classmethod
    def of(cls, field: str, is_true: bool | None, exists: bool) -> "FactCheck":
        """The check of a single fact.

        Parameters
        ----------
        is_true : bool or None
            None where it was not stated, or cannot be checked.
        exists : bool
            Whether there is a true one to state.
        """
        true, false = is_true is True, is_true is False
        return cls(field, int(true), int(false), int(exists and not true))


class Situation:
    """What was true of an incident at a time, ms."""

    def __init__(self, timeline: Timeline, t: int) -> None:
        self.timeline, self.t = timeline, t
        self.begun = [event for event in _begun(timeline) if event.t <= t]

    def checks(self, facts: Mapping[str, Any]) -> Iterator[FactCheck]:
        """The checks of the facts that hand-offs and updates share."""
        outside = self.outside
        yield FactCheck.of("impact", self._names_impact(facts), bool(outside))
        yield FactCheck.of("since", self._is_beginning(facts.get("since")), bool(self.begun))
        right = self._right_severities()
        severity = facts.get("severity")
        is_right = None if severity is None or not right else severity in right
        yield FactCheck.of("severity", is_right, bool(right))
        suspect = facts.get("suspect")
        is_at_fault = None if suspect is None else suspect in self.at_fault
        yield FactCheck.of("suspect", is_at_fault, bool(self.at_fault))

    @property
    def outside(self) -> set[str]:
        """The objectives that were outside since the first onset, or were to be soon."""
        truth = self.timeline.truth
        start = earliest(*(event.t for event in self.begun))
        since = self.timeline.header.warm_up if start is None else start
        window = truth.graded & (truth.times >= since) & (truth.times <= self.t + FORESEEN)
        return {name for name, inside in truth.inside.items() if not inside[window].all()}

    @property
    def at_fault(self) -> set[str]:
        """The names of what was at fault: the targets, and the components that they belong to."""
        planned = {fault.id: fault.component for fault in self.timeline.header.faults}
        names = {name for event in self.begun for name in (event.target, planned.get(event.id))}
        return {name for name in names if name}

    def _names_impact(self, facts: Mapping[str, Any]) -> bool | None:
        """Whether every objective that an impact names was outside; None if it names none."""
        words = words_of(str(facts.get("impact") or ""))
        objectives = {o.name: o.name.split("_")[0] for o in self.timeline.truth.objectives}
        named = {name for name, stem in objectives.items() if {name, stem} & words}
        return named <= self.outside if named else None

    def _is_beginning(self, since: object) -> bool | None:
        """Whether a fault began then, or was noticed first."""
        if since is None:
            return None
        try:
            stated = self.t - parse_ms(since)
        except UnitError:
            return False
        for event in self.begun:
            noticed = self._noticed(event.t)
            if event.t - SINCE_TOLERANCE <= stated <= noticed + SINCE_TOLERANCE:
                return True
        return False

    def _noticed(self, onset: int) -> int:
        """When a fault breached an objective, or somebody was alerted, after it began."""
        breach = self.timeline.truth.first_breach(onset)
        firings = (span.firing for span in self.timeline.firings if span.firing is not None)
        times = [breach.t if breach else None, *(t for t in firings if t >= onset)]
        return max(onset, earliest(*(t for t in times if t is not None and t <= self.t)) or onset)

    def _right_severities(self) -> set[str]:
        path = self.timeline.right_severity
        if not path:
            return set()
        soon = self.t + FORESEEN
        changes = {str(change.severity) for change in path if self.t <= change.t <= soon}
        return {str(severity_at(path, self.t)), *changes}


def words_of(text: str) -> set[str]:
    """The words of a text, in lower case; a name with `_` or `-` is one.

    Examples
    --------
    >>> sorted(words_of("Latency_p99: answers of flight-status are late."))
    ['answers', 'are', 'flight-status', 'late', 'latency_p99', 'of']
    """
    return {word.strip("-_") for word in re.findall(r"[\w-]+", text.lower())}


def facts_listed(facts: Mapping[str, Any], field: str) -> list[object]:
    """The facts of a field, which may be a list or one alone."""
    value = facts.get(field) or ()
    return [*value] if isinstance(value, list | tuple) else [value]


def _begun(timeline: Timeline) -> Iterator[InjectEvent]:
    """The faults that began, or the changes where those are the cause."""
    changes = not timeline.header.faults and bool(timeline.header.expect.cause)
    kind = "change" if changes else "fault"
    return (event for event in timeline.run.of(InjectEvent) if event.type == kind)
