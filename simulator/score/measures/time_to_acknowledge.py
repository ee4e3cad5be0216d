"""`time_to_acknowledge`: how long a page waited for its acknowledgement."""

from simulator.analysis import Timeline
from simulator.analysis.mark_lines import mark_lines
from simulator.analysis.marks import Incident
from simulator.analysis.page_history import earliest
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import IncidentMeasure
from simulator.score.measurement import Measurement
from simulator.units.wording import format_duration, hhmmss


@part
class TimeToAcknowledge(IncidentMeasure):
    """From the delivery of the first page about the incident to its acknowledgement."""

    def measure_incident(self, grading: Grading, incident: Incident) -> Measurement | None:
        """Seconds from a page's delivery to the first acknowledgement."""
        return _acknowledgement(grading.timeline, incident)

    def without_incident(self, grading: Grading) -> Measurement:
        """No page came."""
        return Measurement.missing("no page about it reached the played team")


def _acknowledgement(timeline: Timeline, incident: Incident) -> Measurement | None:
    delivered = earliest(*(page.delivered for page in timeline.pages_about(incident)))
    acknowledged = incident.marks.acknowledge
    if delivered is None:
        return None
    # The delivery of the page is what detects, whether it was the first to do so or not.
    lines = mark_lines(timeline.run, "detect", delivered)
    if acknowledged is None:
        waited = timeline.end - delivered
        why = f"never acknowledged: it waited {format_duration(waited)} until the end"
        return Measurement(
            None, why=why, reason="censored", censored_at=waited / 1000, events=lines
        )
    why = f"delivered at {hhmmss(delivered)}, acknowledged at {hhmmss(acknowledged)}"
    lines += mark_lines(timeline.run, "acknowledge", acknowledged)
    return Measurement(max(0, acknowledged - delivered) / 1000, why=why, events=lines)
