"""Base of what facilitators do in a live drill: as orders, so that a replay repeats it."""

from simulator.actions import Action, ActionFailed, DirectorDesk, Site


class FacilitatorAction(Action):
    """Base of the orders of facilitators."""

    roles = ("facilitator",)
    instant = True

    def check(self, site: Site) -> None:
        self.desk(site)

    def desk(self, site: Site) -> DirectorDesk:
        """The director's desk.

        Raises
        ------
        ActionFailed
            If the actor is no facilitator.
        """
        if not site.facilitator:
            raise ActionFailed(f"only a facilitator may order {self.kind}")
        return site.director
