"""Closing an incident."""

from simulator.actions import Action, ActionSteps, Site, part


@part
class Close(Action):
    """Close the incident. Closing it before recovery lowers the grade."""

    changes_world = False
    instant = True

    def act(self, site: Site) -> ActionSteps:
        yield 0
        return "closed"
