"""Somebody takes a page."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.actions import Acting, Action, Failed, Site
from simulator.registry import Refers, part


@part
class Acknowledge(Action):
    """Take a page, so that it is not escalated further: "I am on it"."""

    changes_world: ClassVar[bool] = False

    page: Annotated[int | None, Refers("page")] = None
    """The page's number; without one, every open page of the team."""

    def act(self, site: Site) -> Acting:
        yield 0
        taken = site.oncall.acknowledge(site.who, self.page)
        if not taken:
            raise Failed(
                "there is no open page" if self.page is None else f"no open page {self.page}"
            )
        return f"took page {', '.join(str(page) for page in taken)}", {"pages": taken}
