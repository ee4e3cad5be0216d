"""Rule: every fault of the drill landed, unless an order prevented it."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.run.events import DroppedEvent, MissedEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.reason import VerdictReason
from simulator.score.verdict.steady_state import first_change


def landing(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A drill whose faults never landed is invalid.

    If a player changed anything before, it is judged like any other: the order may have prevented
    the fault.
    """
    if not log.complete:
        return
    begun = {incident.id for incident in log.incidents}
    dropped = {event.id for event in log.run.of(DroppedEvent)}
    for fault in log.header.faults:
        if fault.id not in begun and fault.id not in dropped:
            yield VerdictReason(f"the fault {fault.id} was never injected", "landing")
    changed = first_change(log)
    for fault_id in never_landed(log):
        missed = missed_events(log, fault_id)
        if changed < min((event.t for event in missed), default=log.end):
            continue
        why = missed[-1].why if missed else "it affected no unit of work"
        text = f"the fault {fault_id} never landed: {why}"
        yield VerdictReason(text, "landing", line_numbers(log.run, missed[-1:]))


def never_landed(log: Timeline) -> list[str]:
    """The planned faults that began and never landed, by their ids."""
    planned = {fault.id for fault in log.header.faults}
    return [i.id for i in log.incidents if i.id in planned and i.marks.landed is None]


def missed_events(log: Timeline, fault: str) -> list[MissedEvent]:
    """The times at which a fault had nothing to bite on."""
    return [event for event in log.run.of(MissedEvent) if event.fault == fault]
