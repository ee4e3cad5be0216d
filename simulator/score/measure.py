"""Measures: each is one number about the response to a drill, with its unit and its reason."""

import math
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from simulator.analysis.marks import Incident
from simulator.registry import Part
from simulator.score.grading import Grading
from simulator.score.measurement import Measurement


class Measure(Part):
    """A measure of a run, a file each in `simulator/score/measures/`.

    Class attributes
    ----------------
    unit : of its value, a noun in the plural (`seconds`, `pages`), or `ratio`.
    lower_is_better : whether a smaller value is a better one; None if it says nothing by itself.
    """

    unit: ClassVar[str] = "seconds"
    lower_is_better: ClassVar[bool | None] = True

    @classmethod
    def facts(cls) -> dict[str, str]:
        return {"unit": cls.unit}

    def measure(self, grading: Grading) -> Measurement:
        """Measure a run; its twins may be missing."""
        raise NotImplementedError


class IncidentMeasure(Measure):
    """A measure of each incident; the run's is that of its worst one."""

    def measure(self, grading: Grading) -> Measurement:
        """The worst measurement of the incidents."""
        incidents = grading.timeline.incidents
        measurements = [grading.measured_incident(self.kind, incident) for incident in incidents]
        worst = worst_of(incidents, measurements, self.lower_is_better is not False)
        return worst or self.without_incident(grading)

    def measure_incident(self, grading: Grading, incident: Incident) -> Measurement | None:
        """Measure one incident; None if there is nothing to measure."""
        raise NotImplementedError

    def without_incident(self, grading: Grading) -> Measurement:
        """The measurement of a run whose incidents, if any, have nothing to measure."""
        text = "there was no fault" if not grading.timeline.incidents else "there was none"
        return Measurement.missing(text, unit=self.unit)


def worst_of(
    incidents: Sequence[Incident],
    measurements: Sequence[Measurement | None],
    lower_is_better: bool = True,
) -> Measurement | None:
    """The worst of the incidents' measurements, a censored one first; None if there are none.

    Where there are several incidents, `why` begins with the id of the incident.
    """
    pairs = zip(incidents, measurements, strict=True)
    by_id = {incident.id: measured for incident, measured in pairs if measured is not None}
    if not by_id:
        return None
    name = max(by_id, key=lambda name: _badness(by_id[name], lower_is_better))
    measured = by_id[name]
    return (
        measured
        if len(incidents) == 1
        else msgspec.structs.replace(measured, why=f"{name}: {measured.why}")
    )


def _badness(measured: Measurement, lower_is_better: bool) -> tuple[int, float]:
    """How bad a measurement is: what never happened is worst, what is not known comes last."""
    if measured.value is not None:
        return 1, measured.value if lower_is_better else -measured.value
    if measured.reason == "censored":
        return 2, math.inf if measured.censored_at is None else measured.censored_at
    return 0, 0.0
