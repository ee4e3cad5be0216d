"""When each fault of a run began and ended."""

from typing import NamedTuple

from simulator.run import Run
from simulator.run.events import EndedEvent, InjectEvent


class Onset(NamedTuple):
    """The beginning of a fault: its inject's id, and the time in ms."""

    id: str
    t: int


def onsets(run: Run) -> list[Onset]:
    """The faults that began, in order."""
    first: dict[str, int] = {}
    for event in run.of(InjectEvent):
        if event.type == "fault":
            first.setdefault(event.id, event.t)
    return [Onset(fault, t) for fault, t in first.items()]


class FaultEnd(NamedTuple):
    """The end of a fault, ms; None if there was none.

    Attributes
    ----------
    by_fact : int or None
        When its cause was removed last: a bad build may be deployed again.
    by_time : int or None
        When its duration (`for`) was over.
    """

    by_fact: int | None = None
    by_time: int | None = None

    @property
    def removed(self) -> int | None:
        """When its cause was removed, by an order or by the end of its duration."""
        return self.by_time if self.by_fact is None else self.by_fact

    @property
    def by_itself(self) -> int | None:
        """When its duration was over, if nobody had removed its cause before."""
        return self.by_time if self.by_fact is None else None


def fault_ends(run: Run) -> dict[str, FaultEnd]:
    """The ends of the faults, by their ids; a fault without an end is missing."""
    ends: dict[str, FaultEnd] = {}
    for event in run.of(EndedEvent):
        end = ends.get(event.fault, FaultEnd())
        by_time = event.why == "for"
        ends[event.fault] = (
            end._replace(by_time=event.t) if by_time else end._replace(by_fact=event.t)
        )
    return ends
