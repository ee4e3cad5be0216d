"""Declaring an incident."""

from simulator.actions import Action, ActionSteps, Site, part
from simulator.units import Severity


@part
class Declare(Action):
    """Declare an incident, or change its severity."""

    effect = "talk"
    reversible = True
    instant = True

    severity: Severity
    """The severity; SEV1 is the worst."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        return f"declared {self.severity}", {"severity": self.severity}
