"""Base of actions about one of several incidents."""

from typing import Annotated, Any

from simulator.actions import Action, Args, FreeText
from simulator.scenario.base import Name


class IncidentAction(Action):
    """Base of actions about an incident, which the player may name where there are several."""

    incident: Annotated[Name | None, FreeText] = None
    """A label of the incident, chosen by the player; only for drills with several."""

    def with_incident(self, result: Args) -> dict[str, Any]:
        """The facts of a result, with the label if there is one.

        Examples
        --------
        >>> IncidentAction(incident="stale-rows").with_incident({"severity": "SEV3"})
        {'severity': 'SEV3', 'incident': 'stale-rows'}
        """
        return {**result, **({} if self.incident is None else {"incident": self.incident})}
