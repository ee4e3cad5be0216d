"""The director's desk of a run: what facilitators order while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.actions import ActionFailed
from simulator.director.director import Director
from simulator.director.injects import BoundInject
from simulator.director.needs import live_needs
from simulator.run import NO_FAULT, leave_one_out_name
from simulator.run.events import NeedEvent
from simulator.run.player import DIRECTOR
from simulator.session.inboxes import Inboxes
from simulator.session.journal import Journal
from simulator.setting import Setting
from simulator.setting.bind_injects import TEAM_ROLES
from simulator.source import SourceError
from simulator.units import did_you_mean


def takes_place(inject: BoundInject, twin: str) -> bool:
    """Whether an inject takes place in a twin, which may leave out its fault."""
    return not (inject.fault and twin in (NO_FAULT, leave_one_out_name(inject.id)))


@dataclass
class LiveDirector:
    """The director's desk of one run (`actions.DirectorDesk`).

    Parameters
    ----------
    director : Director
        Starts the injects in the next tick.
    twin : str
        The name of the twin; empty for the run itself.
    """

    setting: Setting
    director: Director
    twin: str
    inboxes: Inboxes
    journal: Journal
    _ids: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._ids = {inject.id for inject in self.setting.injects}

    def check_inject(self, spec: Mapping[str, Any]) -> None:
        """Raise ActionFailed if it cannot be injected."""
        self._bind(spec)

    def inject(self, spec: Mapping[str, Any]) -> str:
        """Start an inject in the next tick, and log whom it needs; return its id."""
        inject = self._bind(spec)
        self._ids.add(inject.id)
        if takes_place(inject, self.twin):
            self.director.add(inject)
            for need in live_needs(inject, self.setting.organisation, self.setting.scenario.plays):
                self.journal.write(NeedEvent(self.journal.now, DIRECTOR, need))
        return inject.id

    def message(self, sender: str, to: str, text: str) -> None:
        """Deliver a message.

        Raises
        ------
        ActionFailed
            If nobody has this name.
        """
        recipients = [*TEAM_ROLES, *self.setting.oncall.readers, *self.inboxes.names]
        if to not in recipients:
            raise ActionFailed(f"nobody is called {to!r}{did_you_mean(to, recipients)}")
        self.inboxes.send(sender, to, text)

    def end(self, reason: str) -> None:
        """End the drill with the tick that starts now, in which the order is carried out."""
        journal = self.journal
        journal.ends = min(journal.ends, journal.now + self.setting.scenario.tick)
        journal.end_reason = reason

    def _bind(self, spec: Mapping[str, Any]) -> BoundInject:
        try:
            inject = self.setting.bind_inject(spec)
        except SourceError as error:
            raise ActionFailed("; ".join(map(str, error.complaints))) from None
        if inject.id in self._ids:
            raise ActionFailed(f"id: there is an inject {inject.id!r} already")
        return inject
