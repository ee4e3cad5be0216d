"""`time_to_acknowledge`: how long a page waited for its acknowledgement."""

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.analysis.page_history import earliest
from simulator.registry import part
from simulator.score.measure import Measure, Measurement, longest
from simulator.units.wording import format_duration, hhmmss


@part
class TimeToAcknowledge(Measure):
    """From the delivery of the first page about the incident to its acknowledgement."""

    def measure(self, timeline: Timeline) -> Measurement:
        """Seconds from a page's delivery to the first acknowledgement."""
        incidents = timeline.incidents
        times = [_acknowledgement(timeline, incident) for incident in incidents]
        no_page = "no page about it reached the played team"
        return longest(incidents, times) or Measurement(None, why=no_page)


def _acknowledgement(timeline: Timeline, incident: Incident) -> Measurement | None:
    delivered = earliest(*(page.delivered for page in timeline.pages_about(incident)))
    acknowledged = incident.marks.acknowledge
    if delivered is None:
        return None
    if acknowledged is None:
        waited = format_duration(timeline.end - delivered)
        return Measurement(None, why=f"never acknowledged: it waited {waited} until the end")
    why = f"delivered at {hhmmss(delivered)}, acknowledged at {hhmmss(acknowledged)}"
    return Measurement(max(0, acknowledged - delivered) / 1000, why=why)
