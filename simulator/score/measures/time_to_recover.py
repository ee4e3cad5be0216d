"""`time_to_recover`: how long until the objectives held and all debts were paid."""

from msgspec.structs import replace

from simulator.analysis import Timeline
from simulator.registry import part
from simulator.score.endings import closed_early
from simulator.score.measure import Measurement, TimeBetween
from simulator.units.wording import hhmm


@part
class TimeToRecover(TimeBetween):
    """From the first harm until the objectives held and the debts of the fault were paid."""

    start = "impact"
    end = "recover"

    def measure(self, timeline: Timeline) -> Measurement:
        """Seconds from impact to recover; `why` reports an incident that was closed earlier."""
        measured = super().measure(timeline)
        for incident in timeline.incidents:
            if incident.marks.close is not None and closed_early(timeline, incident):
                which = f"{incident.id} " if len(timeline.incidents) > 1 else ""
                early = f"{which}closed too early, at {hhmm(incident.marks.close)}"
                return replace(measured, why=f"{measured.why}; {early}")
        return measured
