"""The status updates of an incident: when they came, and which facts in them were true then."""

from typing import NamedTuple

from simulator.analysis.hand_off_facts import tried_check
from simulator.analysis.incident_span import first_onset, first_seen, incident_span
from simulator.analysis.order_records import OrderRecord
from simulator.analysis.statement import FactCheck, Situation
from simulator.analysis.timeline import Timeline


class ReaderUpdates(NamedTuple):
    """The updates to those who had to be informed; times in ms.

    Attributes
    ----------
    start, end : int
        From the first breach until the recovery, or the end of the drill.
    noticed : int
        When the players could know: the first breach, or later the first page that they saw.
    times : tuple of int
        When an update was sent.
    checks : tuple of FactCheck
        The facts that they stated.
    lines : tuple of int
        The lines of log.jsonl that show them.
    """

    start: int
    end: int
    noticed: int
    times: tuple[int, ...]
    checks: tuple[FactCheck, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def true_facts(self) -> int:
        """How many stated facts were true."""
        return sum(check.true for check in self.checks)

    @property
    def false_facts(self) -> int:
        """How many stated facts were false."""
        return sum(check.false for check in self.checks)


def reader_updates(timeline: Timeline) -> ReaderUpdates | None:
    """The updates of a run; None where nothing was breached, or nobody had to be informed."""
    span = incident_span(timeline)
    readers = {record.team for record in timeline.need_records if record.need.reason == "inform"}
    if span is None or not span.breached or not readers:
        return None
    onset = first_onset(timeline)
    updates = [
        (t, order)
        for t, order in timeline.done_times("status_update")
        if t >= onset and readers.intersection(order.result.get("to", ()))
    ]
    return ReaderUpdates(
        span.start,
        span.end,
        max(span.start, first_seen(timeline) or span.start),
        tuple(t for t, _ in updates),
        tuple(check for _, order in updates for check in _checks(timeline, order)),
        tuple(sorted(line for _, order in updates for line in order.lines)),
    )


def _checks(timeline: Timeline, order: OrderRecord) -> list[FactCheck]:
    """The checks of an update's facts, which its sender stated with the order."""
    checks = Situation(timeline, order.t).checks(order.args)
    return [*checks, tried_check(timeline, order.who, order.t, order.args)]
