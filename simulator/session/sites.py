"""The reach of an action, by who ordered it."""

from dataclasses import dataclass

from simulator.actions import DirectorDesk, Site
from simulator.calendar import Calendar
from simulator.oncall.desk import Desk
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
    desk: Desk  # the people
    director: DirectorDesk  # for facilitators

    def of(self, actor: str, order: int) -> Site:
        """Everything that an action ordered by `actor` can reach."""
        player = self.roster.players.get(actor)
        oncall = self.setting.oncall
        return Site(
            world=self.internals.world,
            params=self.internals.params,
            alertmanager=self.internals.alertmanager,
            oncall=self.desk,
            actor=actor,
            team=player.team if player else actor,
            order=order,
            facilitator=actor == DIRECTOR or (player is not None and player.role == "facilitator"),
            now=lambda: self.calendar.now,
            message=self.inboxes.send,
            informable=(*oncall.teams, *oncall.inform),
            director=self.director,
        )
