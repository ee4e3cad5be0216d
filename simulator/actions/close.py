"""Closing an incident."""

from typing import ClassVar

from simulator.actions import Action, ActionSteps, Site, part


@part
class Close(Action):
    """Close the incident. Closing it before recovery lowers the grade."""

    changes_world: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def act(self, site: Site) -> ActionSteps:
        yield 0
        return "closed"
