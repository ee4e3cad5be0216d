"""The responder says that it is over."""

from __future__ import annotations

from typing import ClassVar

from simulator.actions import Acting, Action, Site
from simulator.registry import part


@part
class Close(Action):
    """Close the incident. Closing before recovery is noted against it."""

    changes_world: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def act(self, site: Site) -> Acting:
        yield 0
        return "closed"
