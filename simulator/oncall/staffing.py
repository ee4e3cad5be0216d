"""Who answers the pages of a team in a drill."""

from enum import Enum


class Staffing(Enum):
    """Who answers the pages of a team."""

    NOBODY = "nobody"  # the played team without a player
    PLAYERS = "players"
    # Automations play; the team's people are simulated, acknowledge and order nothing.
    WATCHED = "watched"
    SIMULATED = "simulated"

    @property
    def has_players(self) -> bool:
        """Whether pages reach players."""
        return self in (Staffing.PLAYERS, Staffing.WATCHED)

    @property
    def has_simulated_people(self) -> bool:
        """Whether simulated people acknowledge."""
        return self in (Staffing.WATCHED, Staffing.SIMULATED)
