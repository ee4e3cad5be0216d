"""Declaring an incident."""

from simulator.actions import ActionSteps, Site, part
from simulator.actions._incident import IncidentAction
from simulator.units import Severity


@part
class Declare(IncidentAction):
    """Declare an incident, or change its severity."""

    effect = "talk"
    reversible = True
    instant = True

    severity: Severity
    """The severity; SEV1 is the worst."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        return f"declared {self.severity}", self.with_incident({"severity": self.severity})
