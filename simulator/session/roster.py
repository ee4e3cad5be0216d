"""The roster: the players of a run, and who answers for each team."""

from collections.abc import Collection, Iterable

import msgspec

from simulator.oncall.staffing import Staffing
from simulator.run import Player
from simulator.scenario.base import check_name
from simulator.setting.bind_injects import TEAM_ROLES
from simulator.units import did_you_mean

# The log's other actors; nobody may play under their names.
RESERVED = frozenset({"alertmanager", "director", "prometheus", "run", "world"})


class PlayerError(ValueError):
    """Players that cannot play a drill together."""


class Roster:
    """The players of a run, by name.

    Parameters
    ----------
    players : iterable of Player
    teams : collection of str
        Of the on-call file.
    plays : str
        The team that the scenario plays.

    Raises
    ------
    PlayerError
        If a name is taken, or a responder's team does not exist.

    Examples
    --------
    >>> bot = Player("bot", "ml", kind="automation")
    >>> roster = Roster([bot], ["ml", "data"], "ml")
    >>> roster.staffing("ml"), roster.staffing("data")
    (<Staffing.WATCHED: 'watched'>, <Staffing.SIMULATED: 'simulated'>)
    """

    def __init__(self, players: Iterable[Player], teams: Collection[str], plays: str) -> None:
        self.plays = plays
        self.players: dict[str, Player] = {}
        for player in players:
            self._check(player, teams)
            self.players[player.name] = player

    def player(self, name: str) -> Player:
        """The player of a name.

        Raises
        ------
        PlayerError
            If there is none.
        """
        if name not in self.players:
            hint = did_you_mean(name, list(self.players))
            raise PlayerError(f"no player is called {name!r}{hint}")
        return self.players[name]

    def responders(self, team: str) -> list[Player]:
        """The players who answer for a team."""
        return [
            player
            for player in self.players.values()
            if player.team == team and player.role == "responder"
        ]

    def is_of_played_team(self, name: str) -> bool:
        """Whether a name is a player's who answers for the played team."""
        return any(player.name == name for player in self.responders(self.plays))

    def staffing(self, team: str, person: str = "") -> Staffing:
        """Who answers the pages of a team to a person: players also for other teams than theirs."""
        if self._is_responder(person):
            team = self.players[person].team
        kinds = {player.kind for player in self.responders(team)}
        if "person" in kinds:
            return Staffing.PLAYERS
        if kinds:
            return Staffing.WATCHED
        return Staffing.NOBODY if team == self.plays else Staffing.SIMULATED

    def page_recipients(self, team: str, person: str) -> list[str]:
        """The player on call of that name, else all players of the team."""
        if self._is_responder(person):
            return [person]
        return [player.name for player in self.responders(team)]

    def recipients(self, to: str) -> list[str]:
        """The players to whom a message to a team, a role or a player is delivered.

        A player may be named as the team: what is sent to it is for all of the team.
        """
        team = self.plays if to in TEAM_ROLES else to
        members = [player.name for player in self.players.values() if player.team == team]
        return members or [name for name in self.players if name == to]

    def _is_responder(self, name: str) -> bool:
        return name in self.players and self.players[name].role == "responder"

    def _check(self, player: Player, teams: Collection[str]) -> None:
        try:
            # Made in Python, a struct takes any value, and the log would not be readable.
            msgspec.convert(msgspec.to_builtins(player), Player)
            check_name(player.name)
        except (ValueError, msgspec.ValidationError) as error:
            raise PlayerError(f"a player: {error}") from None
        if player.name in self.players:
            raise PlayerError(f"two players are called {player.name!r}")
        if player.name in RESERVED or (player.name in teams and player.name != player.team):
            raise PlayerError(f"{player.name!r} is another's name; choose another")
        if player.team not in teams and (player.team or player.role == "responder"):
            hint = did_you_mean(player.team, list(teams))
            raise PlayerError(f"{player.name}: unknown team {player.team!r}{hint}")
        if player.rate < 1:
            raise PlayerError(f"{player.name}: given a rate of {player.rate}, expected more")
