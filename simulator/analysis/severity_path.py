"""The right severity of an incident over time, and the severity that the responders declared.

The right one follows from the observable impact by the severities of the on-call file, without
hysteresis, or it is the author's, from the impact until the recovery. SEV5 is no incident.
"""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.incident_span import incident_span
from simulator.analysis.observable_impact import ObservableImpact
from simulator.analysis.run_record import RunRecord
from simulator.analysis.truth import Bools
from simulator.run.header import SeverityRule
from simulator.units import Severity

NO_INCIDENT = Severity.SEV5
# The numbers of severities, 1 for the worst.
Ranks = NDArray[np.int64]


class SeverityChange(NamedTuple):
    """A severity from a time on, ms."""

    t: int
    severity: Severity

    @property
    def rank(self) -> int:
        """Its number, 1 for the worst."""
        return rank(self.severity)


def rank(severity: str) -> int:
    """The number of a severity, 1 for the worst.

    Examples
    --------
    >>> rank("SEV2")
    2
    """
    return int(severity.removeprefix("SEV"))


def severity_path(record: RunRecord) -> tuple[SeverityChange, ...]:
    """The right severities of a run, from time 0 on; empty if neither file nor author says."""
    header = record.header
    if any(need.reason == "severity" for need in header.needs):
        return _path(_author_changes(record))
    if not header.ladder or not len(record.truth.times):
        return ()
    ranks = ladder_ranks(ObservableImpact.of(record.truth), header.ladder)
    starts = np.flatnonzero(np.diff(ranks, prepend=rank(NO_INCIDENT)))
    times = record.truth.times
    return _path([SeverityChange(int(times[i]), _severity(int(ranks[i]))) for i in starts])


def ladder_ranks(impact: ObservableImpact, ladder: Sequence[SeverityRule]) -> Ranks:
    """The number of the worst severity whose bounds are reached, shape (scrapes,)."""
    ranks = np.full(len(impact.burn), rank(NO_INCIDENT))
    for rule in ladder:
        ranks[_applies(impact, rule) & (ranks > rank(rule.severity))] = rank(rule.severity)
    return ranks


def declared_path(record: RunRecord) -> tuple[SeverityChange, ...]:
    """The worst severity of the open incidents that responders declared, from time 0 on."""
    open_incidents: dict[str, Severity] = {}
    changes = []
    orders = [*record.done_times("declare"), *record.done_times("close")]
    for t, order in sorted(orders, key=lambda entry: entry[0]):
        incident = str(order.result.get("incident", ""))
        if order.action == "declare":
            open_incidents[incident] = Severity(order.result["severity"])
        elif incident:
            open_incidents.pop(incident, None)
        else:
            open_incidents.clear()
        changes.append(SeverityChange(t, min(open_incidents.values(), default=NO_INCIDENT)))
    return _path(changes)


def severity_at(path: Sequence[SeverityChange], t: int) -> Severity:
    """The severity of a path at a time, ms."""
    return next((change.severity for change in reversed(path) if change.t <= t), NO_INCIDENT)


def _applies(impact: ObservableImpact, rule: SeverityRule) -> Bools:
    if rule.any_of:
        return reduce(np.logical_or, map(impact.reaches, rule.any_of))
    return reduce(np.logical_and, map(impact.reaches, rule.all_of))


def _author_changes(record: RunRecord) -> list[SeverityChange]:
    span = incident_span(record)
    if span is None:
        return []
    changes = [
        SeverityChange(span.start + (need.since or 0), need.severity)
        for need in record.needs
        if need.reason == "severity" and need.severity is not None
    ]
    changes = [change for change in changes if change.t < span.end]
    over = [SeverityChange(span.end, NO_INCIDENT)] if span.end < record.end else []
    return [*changes, *over]


def _path(changes: Sequence[SeverityChange]) -> tuple[SeverityChange, ...]:
    """A path from time 0 on, without changes to the severity that it has already."""
    path = [SeverityChange(0, NO_INCIDENT)]
    for change in changes:
        if change.t == path[-1].t:
            path.pop()
        if not path or change.severity != path[-1].severity:
            path.append(change)
    return tuple(path)


def _severity(number: int) -> Severity:
    return Severity(f"SEV{number}")
