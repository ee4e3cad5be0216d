"""Measures: each is one number about the response to a drill, with its unit and its reason."""

import math
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.registry import Part
from simulator.score.endings import self_ended_at
from simulator.units.wording import format_duration, hhmm

NOT_MEASURED_YET = "not measured yet"
NO_TWINS = "it needs the twins, and this run was graded without them"
NO_INCIDENT = "there was no fault"
NO_HARM = "the fault breached no objective"
# Marks of what the fault caused, which need a twin.
COUNTERFACTUAL = frozenset({"impact", "alert", "detect"})
# Marks that follow from the true values of the objectives.
FROM_TRUTH = frozenset({"impact", "mitigate", "recover"})
NOUNS = {
    "detect": "detection",
    "acknowledge": "acknowledgement",
    "diagnose": "correct diagnosis",
    "mitigate": "mitigation",
    "recover": "recovery",
}


class Measurement(msgspec.Struct, frozen=True):
    """The value of a measure, or None with the reason why there is none.

    Examples
    --------
    >>> msgspec.to_builtins(Measurement(95.0, why="from 00:47 to 00:49"))
    {'value': 95.0, 'unit': 'seconds', 'rating': None, 'why': 'from 00:47 to 00:49'}
    """

    value: float | None
    unit: str = "seconds"
    parts: dict[str, float] | msgspec.UnsetType = msgspec.UNSET
    rating: str | None = None
    why: str = ""


class Measure(Part):
    """A measure of a run, a file each in `simulator/score/measures/`.

    Class attributes
    ----------------
    unit : of its value, a noun in the plural (`seconds`, `pages`), or `ratio`.
    """

    unit: ClassVar[str] = "seconds"

    @classmethod
    def facts(cls) -> dict[str, str]:
        return {"unit": cls.unit}

    def measure(self, timeline: Timeline) -> Measurement:
        """Measure a run; its twins may be missing."""
        raise NotImplementedError


class TimeBetween(Measure):
    """The time from one mark to another, for the incident with the longest time."""

    start: ClassVar[str]
    end: ClassVar[str]

    def measure(self, timeline: Timeline) -> Measurement:
        """Seconds from the start to the end."""
        return self.measure_incidents(timeline, timeline.incidents)

    def measure_incidents(self, timeline: Timeline, incidents: Sequence[Incident]) -> Measurement:
        """Seconds from the start to the end, for some of the incidents."""
        start, end = self.start, self.end
        if reason := unknown_reason(timeline, start, end):
            return Measurement(None, why=reason)
        times = [time_between(timeline, incident, start, end) for incident in incidents]
        why = f"there was no {NOUNS.get(start, start)} to count from"
        if start == "impact":
            why = NO_HARM if incidents else NO_INCIDENT
        return longest(incidents, times) or Measurement(None, why=why)


def time_between(
    timeline: Timeline, incident: Incident, start: str, end: str
) -> Measurement | None:
    """The time from one mark of an incident to another; None without a start.

    An end before its start gives 0 s. An end that never came has no value: it is censored at the
    end of the drill, and `why` names the time until then. `why` also reports a fault whose harm
    ended only with its own duration.
    """
    started, ended = incident.marks[start], incident.marks[end]
    if started is None:
        return None
    if ended is None:
        so_far = format_duration(timeline.end - started)
        until = "by the end of the drill" if timeline.complete else "before the run was cut off"
        return Measurement(None, why=f"no {NOUNS.get(end, end)} {until}: longer than {so_far}")
    first, last = f"{NOUNS.get(start, start)} at {hhmm(started)}", NOUNS.get(end, end)
    if ended < started:
        return Measurement(0.0, why=f"{last} at {hhmm(ended)}, before the {first}")
    why = f"{first}, {last} at {hhmm(ended)}"
    self_ended = self_ended_at(timeline, incident) if end in {"mitigate", "recover"} else None
    if self_ended is not None:
        why += f"; it ended by itself at {hhmm(self_ended)}"
    return Measurement((ended - started) / 1000, why=why)


def longest(
    incidents: Sequence[Incident], measurements: Sequence[Measurement | None]
) -> Measurement | None:
    """The longest of the incidents' measurements, a censored one first; None if there are none.

    Where there are several incidents, `why` begins with the id of the incident.
    """
    pairs = zip(incidents, measurements, strict=True)
    by_id = {incident.id: measured for incident, measured in pairs if measured is not None}
    if not by_id:
        return None
    values = {name: m.value if m.value is not None else math.inf for name, m in by_id.items()}
    name = max(values, key=values.__getitem__)
    measured = by_id[name]
    return (
        measured
        if len(incidents) == 1
        else msgspec.structs.replace(measured, why=f"{name}: {measured.why}")
    )


def unknown_reason(timeline: Timeline, *marks: str) -> str:
    """Why these marks of a run are unknown; empty if they are known.

    A run that was killed has no series, and its twins end with it.
    """
    cut = "" if timeline.complete else "was cut off and "
    if FROM_TRUTH & set(marks) and not len(timeline.truth.times):
        return f"not known: the run {cut}has no series"
    if COUNTERFACTUAL & set(marks) and not timeline.attribution.has_twins:
        return f"not known: the run {cut}has no twins" if cut else NO_TWINS
    return ""
