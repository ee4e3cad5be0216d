"""`time_to_recover`: how long until the objectives held and all debts were paid."""

from collections.abc import Sequence
from dataclasses import replace

from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.run import Run
from simulator.score.endings import closed_early
from simulator.score.measure import Measurement, TimeBetween, Twins
from simulator.units.wording import hhmm


@part
class TimeToRecover(TimeBetween):
    """From the first harm until the objectives held and the debts of the fault were paid."""

    start = "impact"
    end = "recover"

    def measure(self, run: Run, incidents: Sequence[Incident], twins: Twins) -> Measurement:
        """Seconds from impact to recover; `why` reports an incident that was closed earlier."""
        measured = super().measure(run, incidents, twins)
        for incident in incidents:
            if incident.marks.close is not None and closed_early(run, incident, twins):
                which = f"{incident.id} " if len(incidents) > 1 else ""
                early = f"{which}closed too early, at {hhmm(incident.marks.close)}"
                return replace(measured, why=f"{measured.why}; {early}")
        return measured
