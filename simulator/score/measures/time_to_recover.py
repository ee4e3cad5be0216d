"""`time_to_recover`: how long until nothing of the incident was left."""

from collections.abc import Sequence
from dataclasses import replace

from simulator.registry import part
from simulator.run import Run
from simulator.score.endings import closed_early
from simulator.score.marks import Incident
from simulator.score.measure import Measure, Measured, Twins, slowest
from simulator.units.wording import hhmm


@part
class TimeToRecover(Measured):
    """From the first harm to when the objectives held and what the fault left was cleaned up."""

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measure:
        """Seconds from impact to recover; `why` says so where it was closed before that."""
        found = slowest(run, incidents, twins, "impact", "recover")
        for incident in incidents:
            if incident.marks.close is not None and closed_early(run, incident, twins):
                which = f"{incident.id} " if len(incidents) > 1 else ""
                early = f"{which}closed too early, at {hhmm(incident.marks.close)}"
                return replace(found, why=f"{found.why}; {early}")
        return found
