"""`alerting_floor`: the soonest that any burn-rate alert could have paged."""

from simulator.analysis.burn_alerts import first_burn_alert
from simulator.analysis.marks import Incident
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import IncidentMeasure
from simulator.score.measurement import Measurement
from simulator.score.time_between import unknown
from simulator.score.time_limits import impact_of
from simulator.units.wording import hhmm


@part
class AlertingFloor(IncidentMeasure):
    """From the first harm until a burn-rate alert on the true values could have fired.

    A yardstick of the time to detect: alerts on causes can be sooner, alerts on users' harm hardly.
    By nobody's run, so that the answer to the incident does not hide it.
    """

    def measure_incident(self, grading: Grading, incident: Incident) -> Measurement | None:
        """Seconds from the impact; None without harm."""
        if missing := unknown(grading.timeline, "impact"):
            return missing
        nobody = grading.nobody
        impact = None if nobody is None else impact_of(nobody, incident.id)
        if nobody is None or impact is None:
            return None
        at = first_burn_alert(nobody.truth, impact, nobody.header.scrape)
        if at is None:
            why = "no budget of a ratio burns fast enough for a burn-rate alert"
            return Measurement.missing(why)
        return Measurement((at - impact) / 1000, why=f"a burn-rate alert could fire at {hhmm(at)}")

    def without_incident(self, grading: Grading) -> Measurement:
        """There was no harm to alert on."""
        missing = unknown(grading.timeline, "impact")
        return missing or Measurement.missing("there was no harm to alert on")
