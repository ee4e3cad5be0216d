"""The reach of an action, by who ordered it."""

from simulator.actions import DirectorDesk, Site
from simulator.calendar import Calendar
from simulator.oncall.desk import Desk
from simulator.run.player import DIRECTOR
from simulator.session.inboxes import Inboxes
from simulator.session.internals import Internals
from simulator.session.roster import Roster
from simulator.setting import Setting


class Sites:
    """The sites of one run.

    Parameters
    ----------
    desk : Desk
        The people of the run.
    director : DirectorDesk
        Carries out the orders of facilitators.
    """

    def __init__(
        self,
        setting: Setting,
        roster: Roster,
        internals: Internals,
        calendar: Calendar,
        inboxes: Inboxes,
        desk: Desk,
        director: DirectorDesk,
    ) -> None:
        self._setting, self._roster, self._internals = setting, roster, internals
        self._calendar, self._inboxes, self._desk, self._director = (
            calendar,
            inboxes,
            desk,
            director,
        )

    def of(self, actor: str, order: int) -> Site:
        """Everything that an action ordered by `actor` can reach."""
        player = self._roster.players.get(actor)
        oncall = self._setting.oncall
        return Site(
            world=self._internals.world,
            params=self._internals.params,
            alertmanager=self._internals.alertmanager,
            oncall=self._desk,
            actor=actor,
            team=player.team if player else actor,
            order=order,
            facilitator=actor == DIRECTOR or (player is not None and player.role == "facilitator"),
            now=lambda: self._calendar.now,
            message=self._inboxes.send,
            informable=(*oncall.teams, *oncall.inform),
            director=self._director,
        )
