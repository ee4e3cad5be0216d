"""`time_to_acknowledge`: how long a page waited for its acknowledgement."""

from collections.abc import Sequence

from simulator.analysis.attribution import Attribution
from simulator.analysis.marks import Incident
from simulator.analysis.onsets import Onset
from simulator.analysis.page_history import earliest, first_in_state, pages_about
from simulator.analysis.truth import end_of
from simulator.registry import part
from simulator.run import Run
from simulator.score.measure import Measure, Measurement, Twins, longest
from simulator.units.wording import format_duration, hhmmss


@part
class TimeToAcknowledge(Measure):
    """From the delivery of the first page about the incident to its acknowledgement."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measurement:
        """Seconds from a page's delivery to the first acknowledgement."""
        times = [_acknowledgement(run, incident, twins) for incident in incidents]
        no_page = "no page about it reached the played team"
        return longest(incidents, times) or Measurement(None, why=no_page)


def _acknowledgement(run: Run, incident: Incident, twins: Twins) -> Measurement | None:
    fault = Onset(incident.id, incident.marks.onset or 0)
    about = pages_about(run, Attribution(run, twins), fault)
    delivered = earliest(*(first_in_state(page, "delivered", "acknowledged") for page in about))
    acknowledged = incident.marks.acknowledge
    if delivered is None:
        return None
    if acknowledged is None:
        waited = format_duration(end_of(run) - delivered)
        return Measurement(None, why=f"never acknowledged: it waited {waited} until the end")
    why = f"delivered at {hhmmss(delivered)}, acknowledged at {hhmmss(acknowledged)}"
    return Measurement(max(0, acknowledged - delivered) / 1000, why=why)
