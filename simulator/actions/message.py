"""A message by a facilitator, in the name of somebody else."""

from pydantic import Field

from simulator.actions import ActionSteps, Site, Text, part
from simulator.actions._facilitation import FacilitatorAction


@part
class LiveMessage(FacilitatorAction):
    """Send a message from anybody: a customer, an executive, another team."""

    effect = "talk"
    # A later message corrects it.
    reversible = True

    from_: Text = Field(alias="from")
    """The sender."""
    to: Text
    """The recipient: a player, a team, or a role such as primary."""
    text: Text
    """The message."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        site.director.message(self.from_, self.to, self.text)
        return f"message to {self.to}"
