"""An incident is declared."""

from __future__ import annotations

from typing import ClassVar, Literal

from simulator.actions import Acting, Action, Site
from simulator.registry import part


@part
class Declare(Action):
    """Declare an incident, or change its severity."""

    changes_world: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    severity: Literal["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"]
    """SEV1 is the worst."""

    def act(self, site: Site) -> Acting:
        yield 0
        return f"declared {self.severity}", {"severity": self.severity}
