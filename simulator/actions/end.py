"""An early end of the drill by a facilitator."""

from simulator.actions import ActionSteps, Site, Text, part
from simulator.actions._facilitation import FacilitatorAction


@part
class EndDrill(FacilitatorAction):
    """End the drill with this tick."""

    effect = "talk"
    # A drill that is over does not go on.
    reversible = False

    reason: Text = "ended by a facilitator"
    """The reason, for the log."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        site.director.end(self.reason)
        return "the drill ends"
