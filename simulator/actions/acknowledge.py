"""Acknowledging a page."""

from typing import Annotated

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, part


@part
class Acknowledge(Action):
    """Acknowledge a page, so that it is not escalated further.

    A second acknowledgement of a page changes nothing.
    """

    effect = "talk"
    # The page stays open to the team, and can still be escalated.
    reversible = True
    instant = True

    page: Annotated[int | None, Refers("page")] = None
    """The page's number; by default every open page of the team."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        taken, before = site.oncall.acknowledge(site.team, self.page, site.actor)
        if taken:
            return f"took page {_join(taken)}", {"pages": taken}
        if before:
            return f"already took page {_join(before)}", {"pages": []}
        number = "" if self.page is None else f" {self.page}"
        raise ActionFailed(f"there is no page{number}")


def _join(pages: list[int]) -> str:
    return ", ".join(str(page) for page in pages)
