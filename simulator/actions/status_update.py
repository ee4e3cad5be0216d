"""A status update."""

from typing import Annotated

from simulator.actions import ActionFailed, ActionSteps, Refers, Site, Text, part
from simulator.actions._incident import IncidentAction
from simulator.actions._situation import SituationReport
from simulator.units import Duration


@part
class StatusUpdate(SituationReport, IncidentAction):
    """Send stakeholders a status update: impact, actions, time of the next update."""

    effect = "talk"
    # A later update corrects it.
    reversible = True

    to: Annotated[tuple[str, ...], Refers("person")] = ()
    """Teams, and readers under `inform` of the on-call file; by default all of them."""
    text: Text
    """The message."""
    next_update: Duration | None = None
    """When the next update will come, from the time of the order."""

    def act(self, site: Site) -> ActionSteps:
        if unknown := [name for name in self.to if name not in site.informable]:
            recipients = ", ".join(site.informable)
            raise ActionFailed(f"nobody is called {unknown[0]!r}; there are {recipients}")
        yield 30_000
        to = self.to or site.informable
        for name in to:
            site.message(site.actor, name, self.text)
        if _readers(site) & {*to}:
            site.command.count_update(site.now())
        update = {"to": list(to), "text": self.text}
        return f"told {', '.join(to)}", self.with_incident(update)


def _readers(site: Site) -> set[str]:
    """Whoever the severity says must be informed; by default everybody but the own team."""
    severities = site.oncall.organisation.model.severities
    level = None if site.command.severity is None else severities.get(site.command.severity)
    return set(level.inform if level is not None else ()) or {*site.informable} - {site.team}
