"""What a measure is: one number about how a run was answered, with its unit and its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from simulator.registry import Part
from simulator.run import Run
from simulator.score.attribution import Attribution
from simulator.score.endings import ended_by_itself
from simulator.score.marks import Incident
from simulator.score.truth import end_of
from simulator.units.wording import format_duration, hhmm

LATER = "not measured yet"
UNTWINNED = "it needs the twins, and this run was graded without them"
NO_HARM = "the fault breached no objective"
Twins = Mapping[str, Run]
# Marks that say what the fault caused, which one run alone cannot tell.
COUNTERFACTUAL = frozenset({"impact", "alert", "detect"})
# Marks that the true values of the objectives tell.
MEASURED = frozenset({"impact", "mitigate", "recover"})
NOUNS = {
    "detect": "detection",
    "acknowledge": "acknowledgement",
    "diagnose": "correct diagnosis",
    "mitigate": "mitigation",
    "recover": "recovery",
}


@dataclass(frozen=True)
class Measure:
    """A value, or None and why there is none.

    Examples
    --------
    >>> Measure(95.0, why="from 00:47 to 00:49").as_json()
    {'value': 95.0, 'unit': 'seconds', 'rating': None, 'why': 'from 00:47 to 00:49'}
    """

    value: float | None
    unit: str = "seconds"
    rating: str | None = None
    why: str = ""
    parts: dict[str, Any] | None = field(default=None)

    def as_json(self) -> dict[str, Any]:
        """As scores.json has it."""
        entry: dict[str, Any] = {"value": self.value, "unit": self.unit}
        if self.parts is not None:
            entry["parts"] = dict(self.parts)
        return {**entry, "rating": self.rating, "why": self.why}

    @classmethod
    def of_json(cls, entry: dict[str, Any]) -> Measure:
        """As scores.json had it."""
        return cls(
            entry.get("value"), entry.get("unit", ""), entry.get("rating"), entry.get("why", ""),
            entry.get("parts"),
        )  # fmt: skip


class Measured(Part):
    """What is measured of a run, a file each in `simulator/score/measures/`.

    Class attributes
    ----------------
    unit : of its value, a noun in the plural (`seconds`, `pages`), or `ratio`.
    """

    unit: ClassVar[str] = "seconds"

    @classmethod
    def facts(cls) -> dict[str, str]:
        return {"unit": cls.unit}

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """The measure of a run whose incidents have these marks; twins by name, where there are."""
        raise NotImplementedError


def lasted(run: Run, incident: Incident, start: str, end: str) -> Measure | None:
    """How long it took from one mark of an incident to another; None if there is no start.

    An end before its start took no time. One that never came has no value; it is censored at
    the end of the drill, and `why` says how much longer than that it took.
    `why` also says of a harm that was over only when the fault's own time was up.
    """
    marks = dict(incident.marks.items())
    began, ended = marks[start], marks[end]
    if began is None:
        return None
    if ended is None:
        so_far = format_duration(end_of(run) - began)
        until = "by the end of the drill" if run.complete else "before the run was cut off"
        return Measure(None, why=f"no {NOUNS.get(end, end)} {until}: longer than {so_far}")
    first, last = f"{NOUNS.get(start, start)} at {hhmm(began)}", NOUNS.get(end, end)
    if ended < began:
        return Measure(0.0, why=f"{last} at {hhmm(ended)}, before the {first}")
    why = f"{first}, {last} at {hhmm(ended)}"
    alone = ended_by_itself(run, incident) if end in {"mitigate", "recover"} else None
    if alone is not None:
        why += f"; it ended by itself at {hhmm(alone)}"
    return Measure((ended - began) / 1000, why=why)


def worst(incidents: Sequence[Incident], found: Sequence[Measure | None]) -> Measure | None:
    """The longest of the incidents' measures, one that has no end before all; None of none.

    Where there are several incidents, `why` names the one that it is.
    """
    known = [(i.id, one) for i, one in zip(incidents, found, strict=True) if one is not None]
    if not known:
        return None
    name, slow = max(known, key=lambda each: math.inf if each[1].value is None else each[1].value)
    return slow if len(incidents) == 1 else replace(slow, why=f"{name}: {slow.why}")


def untold(run: Run, twins: Twins, *marks: str) -> str:
    """Why nobody can tell these marks of a run; empty where they can be told.

    A run that was killed has no series, and its twins end with it.
    """
    cut = "" if run.complete else "was cut off and "
    if MEASURED & set(marks) and not len(run.truth_times):
        return f"not known: the run {cut}has no series"
    if COUNTERFACTUAL & set(marks) and not Attribution(run, twins).known:
        return f"not known: the run {cut}has no twins" if cut else UNTWINNED
    return ""


def slowest(run: Run, incidents: Sequence[Incident], twins: Twins, start: str, end: str) -> Measure:
    """How long it took from one mark to another, for the incident where it took longest."""
    if unknown := untold(run, twins, start, end):
        return Measure(None, why=unknown)
    missing = (
        NO_HARM if start == "impact" else f"there was no {NOUNS.get(start, start)} to count from"
    )
    found = worst(incidents, [lasted(run, incident, start, end) for incident in incidents])
    return found or Measure(None, why=missing)
