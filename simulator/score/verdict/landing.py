"""Rule: a fault of the drill never landed."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.run.events import DroppedEvent, MissedEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.reason import VerdictReason


def landing(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A drill whose faults never landed is invalid."""
    if not log.complete:
        return
    begun = {incident.id: incident for incident in log.incidents}
    dropped = {event.id for event in log.run.of(DroppedEvent)}
    for fault in log.header.faults:
        incident = begun.get(fault.id)
        if incident is None:
            if fault.id not in dropped:
                yield VerdictReason(f"the fault {fault.id} was never injected", "landing")
        elif incident.marks.landed is None:
            missed = [e for e in log.run.of(MissedEvent) if e.fault == fault.id][-1:]
            why = missed[0].why if missed else "it affected no unit of work"
            text = f"the fault {fault.id} never landed: {why}"
            yield VerdictReason(text, "landing", line_numbers(log.run, missed))
