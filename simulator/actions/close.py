"""Closing an incident."""

from simulator.actions import ActionSteps, Site, part
from simulator.actions._incident import IncidentAction


@part
class Close(IncidentAction):
    """Close the incident. Closing it before recovery lowers the grade."""

    effect = "talk"
    # `declare` opens the incident again.
    reversible = True
    instant = True

    def act(self, site: Site) -> ActionSteps:
        yield 0
        site.command.close(self.incident or "", site.now())
        return "closed", self.with_incident({})
