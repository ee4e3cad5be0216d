"""A hint by a facilitator."""

from simulator.actions import ActionSteps, Site, Text, part
from simulator.actions._facilitation import FacilitatorAction


@part
class Hint(FacilitatorAction):
    """Help a player or a team on, with a message that counts as help."""

    effect = "talk"
    # A later hint corrects it.
    reversible = True

    to: Text
    """The player or the team."""
    text: Text
    """The hint."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        site.director.message(site.actor, self.to, self.text)
        return f"hint to {self.to}"
