"""When each fault of a run set in, and the twins that leave one of them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simulator.run import NO_FAULT, Run, without


class Onset(NamedTuple):
    """A fault by its inject's id, and when it set in, ms."""

    id: str
    t: int


def onsets(run: Run) -> list[Onset]:
    """The faults that set in, in order."""
    found: dict[str, int] = {}
    for event in run.of("inject"):
        if event.data.get("type") == "fault":
            found.setdefault(str(event.data.get("id")), event.t)
    return [Onset(*one) for one in found.items()]


def leave_one_out(run: Run, twins: Mapping[str, Run]) -> dict[str, Run]:
    """The twin without each fault, by the fault's id, in order of onset.

    Empty where there is a single fault, and where a twin is missing: one fault can be told from
    another only if each of them was left out once.
    """
    found = {one.id: twins.get(without(one.id)) for one in onsets(run)}
    whole = {fault: twin for fault, twin in found.items() if twin is not None}
    return whole if 1 < len(found) == len(whole) and NO_FAULT in twins else {}
