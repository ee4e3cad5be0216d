"""Assigning an incident role."""

from typing import Annotated, ClassVar

from simulator.actions import (
    Action,
    ActionFailed,
    ActionSteps,
    Args,
    FreeText,
    Refers,
    Site,
    part,
)
from simulator.scenario.base import Name
from simulator.units import did_you_mean


@part
class Assign(Action):
    """Assign an incident role; the commander approves orders.

    A later assignment of a role replaces the former.
    """

    effect = "talk"
    reversible = True
    instant = True
    example: ClassVar[Args] = {"role": "commander"}

    role: Annotated[Name, FreeText]
    """commander, operations, communications, scribe, or the subject of an expert."""
    to: Annotated[str, Refers("assignee")]
    """The player, person or team who takes it."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        if self.to not in site.assignable:
            hint = did_you_mean(self.to, site.assignable)
            raise ActionFailed(f"nobody is called {self.to!r}{hint}")
        former = site.command.assign(self.role, self.to)
        if self.to != site.actor:
            site.message(site.actor, self.to, f"{self.role} of the incident: {self.to}")
        result = {"role": self.role, "to": self.to, "former": former}
        return f"{self.role}: {self.to}", result
