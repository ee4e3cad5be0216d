"""`time_to_acknowledge`: how long the page waited for an answer."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.attribution import Attribution
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measured, Twins, worst
from simulator.score.onsets import Onset
from simulator.score.paging import about_it, earliest, state_of
from simulator.score.truth import end_of
from simulator.units.wording import format_duration, hhmmss


@part
class TimeToAcknowledge(Measured):
    """From when the first page about the incident reached a person to its acknowledgement."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from a page's delivery to the first acknowledgement."""
        found = worst(incidents, [_answered(run, incident, twins) for incident in incidents])
        return found or Measure(None, why="no page about it reached the played team")


def _answered(run: Run, incident: Incident, twins: Twins) -> Measure | None:
    fault = Onset(incident.id, incident.marks.onset or 0)
    about = about_it(run, Attribution(run, twins), fault)
    reached = earliest(*(state_of(page, "delivered", "acknowledged") for page in about))
    answered = incident.marks.acknowledge
    if reached is None:
        return None
    if answered is None:
        waited = format_duration(end_of(run) - reached)
        return Measure(None, why=f"never acknowledged: it waited {waited} until the end")
    why = f"reached a person at {hhmmss(reached)}, acknowledged at {hhmmss(answered)}"
    return Measure(max(0, answered - reached) / 1000, why=why)
