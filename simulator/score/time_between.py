"""Measures of the time from one mark of an incident to another."""

from typing import ClassVar

from simulator.analysis import Timeline
from simulator.analysis.mark_lines import mark_lines
from simulator.analysis.marks import Incident
from simulator.score.endings import self_ended_at
from simulator.score.grading import Grading
from simulator.score.measure import IncidentMeasure
from simulator.score.measurement import Measurement, Reason
from simulator.score.time_limits import impact_of
from simulator.units.wording import format_duration, hhmm

NO_TWINS = "it needs the twins, and this run was graded without them"
NO_INCIDENT = "there was no fault"
NO_HARM = "the fault breached no objective"
PREVENTED = "its harm was prevented: only nobody's run has it"
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
    "cause_removed": "removal of the cause",
}


class TimeBetween(IncidentMeasure):
    """The time from one mark to another, for the incident with the longest time."""

    start: ClassVar[str]
    end: ClassVar[str]

    def measure(self, grading: Grading) -> Measurement:
        """Seconds from the start to the end."""
        if missing := unknown(grading.timeline, self.start, self.end):
            return missing
        return super().measure(grading)

    def measure_incident(self, grading: Grading, incident: Incident) -> Measurement | None:
        """Seconds from the start to the end; None without a start, 0 for prevented harm."""
        if self._is_prevented(grading, incident):
            return Measurement(0.0, why=PREVENTED)
        return time_between(grading.timeline, incident, self.start, self.end)

    def _is_prevented(self, grading: Grading, incident: Incident) -> bool:
        """Whether only nobody's run has the harm that this measure counts from, to its end."""
        if self.start != "impact" or self.end not in {"mitigate", "recover"}:
            return False
        nobody = grading.nobody
        return (
            incident.marks.impact is None
            and nobody is not None
            and impact_of(nobody, incident.id) is not None
        )

    def without_incident(self, grading: Grading) -> Measurement:
        """There was nothing to count from."""
        why = f"there was no {NOUNS.get(self.start, self.start)} to count from"
        if self.start == "impact":
            why = NO_HARM if grading.timeline.incidents else NO_INCIDENT
        return Measurement.missing(why)


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
    at_start = mark_lines(timeline.run, start, started)
    if ended is None:
        so_far = timeline.end - started
        until = "by the end of the drill" if timeline.complete else "before the run was cut off"
        why = f"no {NOUNS.get(end, end)} {until}: longer than {format_duration(so_far)}"
        return Measurement(
            None, why=why, reason="censored", censored_at=so_far / 1000, events=at_start
        )
    at_end = mark_lines(timeline.run, end, ended)
    first, last = f"{NOUNS.get(start, start)} at {hhmm(started)}", NOUNS.get(end, end)
    if ended < started:
        return Measurement(
            0.0, why=f"{last} at {hhmm(ended)}, before the {first}", events=(*at_start, *at_end)
        )
    why = f"{first}, {last} at {hhmm(ended)}"
    self_ended = self_ended_at(timeline, incident) if end in {"mitigate", "recover"} else None
    if self_ended is not None:
        why += f"; it ended by itself at {hhmm(self_ended)}"
    return Measurement((ended - started) / 1000, why=why, events=(*at_start, *at_end))


def unknown(timeline: Timeline, *marks: str) -> Measurement | None:
    """The measurement of marks that are unknown; None if they are known.

    A run that was killed has no series, and its twins end with it.
    """
    cut = "" if timeline.complete else "was cut off and "
    reason: Reason = "cut_off" if cut else "no_twins"
    if FROM_TRUTH & set(marks) and not len(timeline.truth.times):
        return Measurement.missing(f"not known: the run {cut}has no series", "cut_off")
    if COUNTERFACTUAL & set(marks) and not timeline.attribution.has_twins:
        why = f"not known: the run {cut}has no twins" if cut else NO_TWINS
        return Measurement.missing(why, reason)
    return None
