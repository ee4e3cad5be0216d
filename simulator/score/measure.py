"""What a measure is: one number about how a run was answered, with its unit and its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.registry import Part
from simulator.run import Run
from simulator.score.marks import Incident, attribution
from simulator.score.truth import end_of
from simulator.score.words import clock, span

LATER = "not measured yet"
UNTWINNED = "it needs the twins, and this run was graded without them"
NO_HARM = "the fault breached no objective"
Twins = Mapping[str, Run]
# Marks that say what the fault caused, which one run alone cannot tell.
COUNTERFACTUAL = frozenset({"impact", "alert", "detect"})
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
    """What is measured of a run, a file each in `simulator/score/measures/`."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """The measure of a run whose incidents have these marks; twins by name, where there are."""
        raise NotImplementedError


def slowest(run: Run, incidents: Sequence[Incident], twins: Twins, start: str, end: str) -> Measure:
    """How long it took from one mark to another, for the incident where it took longest.

    An end before its start took no time. One that never came has no value; it is censored at
    the end of the drill, and `why` says how much longer than that it took.
    """
    worst: Measure | None = None
    if COUNTERFACTUAL & {start, end} and not attribution(run, twins).known:
        return Measure(None, why=UNTWINNED)
    for incident in incidents:
        marks = dict(incident.marks.items())
        began, ended = marks[start], marks[end]
        if began is None:
            continue
        if ended is None:
            so_far = span(end_of(run) - began)
            never = f"no {NOUNS.get(end, end)} by the end of the drill"
            return Measure(None, why=f"{never}: longer than {so_far}")
        took = max(0, ended - began) / 1000
        if worst is None or took > (worst.value or 0):
            first, last = NOUNS.get(start, start), NOUNS.get(end, end)
            worst = Measure(took, why=f"{first} at {clock(began)}, {last} at {clock(ended)}")
    missing = f"there was no {NOUNS.get(start, start)} to count from"
    return worst or Measure(None, why=NO_HARM if start == "impact" else missing)
