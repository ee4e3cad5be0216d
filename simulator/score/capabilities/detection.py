"""`detection`: the incident is noticed, and nothing else."""

import math

from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.score.capability import IncidentCapability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading
from simulator.score.time_limits import impact_of
from simulator.score.utility import utility


@part
class Detection(IncidentCapability):
    """The incident is noticed soon, and nothing else is paged.

    The geometric mean of the utility of the time to detect and of the quality of the pages.
    """

    measures = ("time_to_detect", "page_quality")

    def score_incident(self, grading: Grading, incident: Incident) -> CapabilityScore:
        """The score of one incident; the quality of the pages is that of the whole run."""
        limits, pages = grading.time_limits("detect", incident), grading.measured("page_quality")
        if limits is None or not grading.timeline.attribution.has_twins:
            return CapabilityScore.not_shown(pages.why)
        marks = incident.marks
        start = marks.impact
        if start is None and (grading.nobody is None or not impact_of(grading.nobody, incident.id)):
            if marks.detect is None:
                return CapabilityScore.not_shown("it did no harm, whoever answered")
            start = marks.detect
        if start is None:  # its harm was prevented, so that somebody had noticed
            start = marks.detect or 0
            took: int | None = 0
        else:
            took = None if marks.detect is None else max(0, marks.detect - start)
        measured = grading.measured_incident("time_to_detect", incident)
        why = "; ".join(filter(None, (measured.why if measured else "no harm came", pages.why)))
        quality = 1.0 if pages.value is None else pages.value
        value = math.sqrt(utility(took, limits) * quality)
        return CapabilityScore(value, why, marked=took is not None)
