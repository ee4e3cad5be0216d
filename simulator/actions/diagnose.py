"""A diagnosis."""

from typing import Annotated

from simulator.actions import ActionSteps, Refers, Site, Text, part
from simulator.actions._incident import IncidentAction


@part
class Diagnose(IncidentAction):
    """Claim a cause, as the catalogue names causes: `data.unit_change`.

    A later diagnosis replaces it.
    """

    effect = "talk"
    reversible = True
    instant = True

    cause: Annotated[str, Refers("cause", claim=True)]
    """The cause, TYPE.FAULT of the catalogue."""
    component: Text | None = None
    """The stage of the cause."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        component = self.component or ""
        where = f" in {component}" if component else ""
        claim = {"cause": self.cause, "component": component}
        return f"cause: {self.cause}{where}", self.with_incident(claim)
