"""Declaring an incident."""

from simulator.actions import ActionSteps, Site, part
from simulator.actions._incident import IncidentAction
from simulator.oncall.command.updates import ON_CALL_FILE, format_duties
from simulator.units import Severity


@part
class Declare(IncidentAction):
    """Declare an incident, or change its severity.

    The team hears what follows from it by the on-call file: whom to inform, which roles to
    assign, how often an update is due.
    """

    effect = "talk"
    reversible = True
    instant = True

    severity: Severity
    """The severity; SEV1 is the worst."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        changed = site.command.declare(self.severity, self.incident or "", site.now())
        level = site.oncall.organisation.model.severities.get(self.severity)
        if changed and level is not None and (duties := format_duties(level)):
            site.message(ON_CALL_FILE, site.team, f"{self.severity}: {duties}")
        return f"declared {self.severity}", self.with_incident({"severity": self.severity})
