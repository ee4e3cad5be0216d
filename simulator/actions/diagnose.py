"""Somebody says what the cause is."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.actions import Acting, Action, Site, Text
from simulator.registry import Refers, part


@part
class Diagnose(Action):
    """State the cause, as the catalogue names causes: `data.unit_change`.

    A later diagnosis withdraws the one before.
    """

    changes_world: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    cause: Annotated[str, Refers("cause", claim=True)]
    """TYPE.FAULT of the catalogue."""
    component: Text = ""
    """The stage that it is in."""

    def act(self, site: Site) -> Acting:
        yield 0
        where = f" in {self.component}" if self.component else ""
        return f"cause: {self.cause}{where}", {"cause": self.cause, "component": self.component}
