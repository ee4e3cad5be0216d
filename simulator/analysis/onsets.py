"""When each fault of a run began, and the twins that leave one fault out."""

from collections.abc import Mapping
from typing import NamedTuple

from simulator.run import NO_FAULT, Run, leave_one_out_name
from simulator.run.events import InjectEvent


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


def leave_one_out_twins(run: Run, twins: Mapping[str, Run]) -> dict[str, Run]:
    """The twin without each fault, by the fault's id, in order of onset.

    Empty for a single fault, and if a twin is missing: faults are separable only if each of them
    was left out once.
    """
    by_fault = {onset.id: twins.get(leave_one_out_name(onset.id)) for onset in onsets(run)}
    present = {fault: twin for fault, twin in by_fault.items() if twin is not None}
    return present if 1 < len(by_fault) == len(present) and NO_FAULT in twins else {}
