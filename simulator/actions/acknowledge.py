"""Somebody takes a page."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.actions import Acting, Action, Failed, Site
from simulator.registry import Refers, part


@part
class Acknowledge(Action):
    """Take a page, so that it is not escalated further: "I am on it".

    To take one that is taken already changes nothing.
    """

    changes_world: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    page: Annotated[int | None, Refers("page")] = None
    """The page's number; without one, every open page of the team."""

    def act(self, site: Site) -> Acting:
        yield 0
        taken, before = site.oncall.acknowledge(site.actor, self.page)
        if taken:
            return f"took page {_listed(taken)}", {"pages": taken}
        if before:
            return f"already took page {_listed(before)}", {"pages": []}
        raise Failed("there is no page" if self.page is None else f"there is no page {self.page}")


def _listed(pages: list[int]) -> str:
    return ", ".join(str(page) for page in pages)
