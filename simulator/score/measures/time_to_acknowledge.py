"""`time_to_acknowledge`: how long the page waited for an answer."""

from collections.abc import Sequence

from simulator.registry import part
from simulator.run import Run
from simulator.score.marks import Incident, attribution
from simulator.score.measure import Measure, Measured, Twins
from simulator.score.paging import about_it, earliest, state_of
from simulator.score.truth import end_of
from simulator.score.words import clock, span


@part
class TimeToAcknowledge(Measured):
    """From when the first page about the incident reached a person to its acknowledgement."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from a page's delivery to the first acknowledgement."""
        worst: Measure | None = None
        for incident in incidents:
            found = _answered(run, incident, twins)
            if found is not None:
                if found.value is None:
                    return found
                if worst is None or found.value > (worst.value or 0):
                    worst = found
        return worst or Measure(None, why="no page about it reached the played team")


def _answered(run: Run, incident: Incident, twins: Twins) -> Measure | None:
    onset = incident.marks.onset or 0
    about = about_it(run, attribution(run, twins), onset)
    reached = earliest(*(state_of(page, "delivered", "acknowledged") for page in about))
    answered = incident.marks.acknowledge
    if reached is None:
        return None
    if answered is None:
        waited = span(end_of(run) - reached)
        return Measure(None, why=f"never acknowledged: it waited {waited} until the end")
    why = f"reached a person at {clock(reached)}, acknowledged at {clock(answered)}"
    return Measure(max(0, answered - reached) / 1000, why=why)
