"""The reach of an action, by who ordered it."""

from dataclasses import dataclass, field

from simulator.actions import DirectorDesk, Site
from simulator.calendar import Calendar
from simulator.oncall.command.incident_command import IncidentCommand
from simulator.oncall.command.rights import Rights
from simulator.oncall.paging.pager import Pager
from simulator.run.player import DIRECTOR
from simulator.session.inboxes import Inboxes
from simulator.session.internals import Internals
from simulator.session.roster import Roster
from simulator.setting import Setting


@dataclass
class Sites:
    """The sites of one run."""

    setting: Setting
    roster: Roster
    internals: Internals
    calendar: Calendar
    inboxes: Inboxes
    pager: Pager
    command: IncidentCommand
    rights: Rights
    director: DirectorDesk  # for facilitators
    _assignable: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        everybody = self.setting.oncall.everybody
        self._assignable = tuple(dict.fromkeys((*self.roster.players, *everybody)))

    def of(self, actor: str, order: int, team: str = "") -> Site:
        """Everything that an action ordered by `actor` can reach; `team` of a simulated actor."""
        player = self.roster.players.get(actor)
        oncall = self.setting.oncall
        return Site(
            world=self.internals.world,
            params=self.internals.params,
            alertmanager=self.internals.alertmanager,
            oncall=self.pager,
            actor=actor,
            team=team or (player.team if player else actor),
            order=order,
            facilitator=actor == DIRECTOR or (player is not None and player.role == "facilitator"),
            now=lambda: self.calendar.now,
            message=self.inboxes.send,
            informable=oncall.readers,
            assignable=self._assignable,
            plays=self.roster.plays,
            command=self.command,
            rights=self.rights,
            director=self.director,
        )
