"""Closing an incident."""

from simulator.actions import Action, ActionSteps, Site, part


@part
class Close(Action):
    """Close the incident. Closing it before recovery lowers the grade."""

    effect = "talk"
    # `declare` opens the incident again.
    reversible = True
    instant = True

    def act(self, site: Site) -> ActionSteps:
        yield 0
        return "closed"
