"""`time_to_recover`: how long until the objectives held and all debts were paid."""

from msgspec.structs import replace

from simulator.registry import part
from simulator.score.endings import closed_early
from simulator.score.grading import Grading
from simulator.score.measurement import Measurement
from simulator.score.time_between import TimeBetween
from simulator.units.wording import hhmm


@part
class TimeToRecover(TimeBetween):
    """From the first harm until the objectives held and the debts of the fault were paid."""

    start = "impact"
    end = "recover"

    def measure(self, grading: Grading) -> Measurement:
        """Seconds from impact to recover; `why` reports the incidents that were closed earlier."""
        measured, timeline = super().measure(grading), grading.timeline
        early = [
            (f"{incident.id} " if len(timeline.incidents) > 1 else "")
            + f"closed too early, at {hhmm(incident.marks.close)}"
            for incident in timeline.incidents
            if incident.marks.close is not None and closed_early(timeline, incident)
        ]
        return replace(measured, why="; ".join([measured.why, *early]))
