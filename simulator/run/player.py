"""Players: who has a door into a drill, and what their role lets them order."""

from typing import Literal

import msgspec

Role = Literal["responder", "facilitator", "observer"]
Kind = Literal["person", "automation"]
# Who begins the scenario's injects; no player has this name.
DIRECTOR = "director"
# Orders a minute that an automation gives at most.
RATE = 30


class Player(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whoever has a door into a drill.

    Attributes
    ----------
    name : str
        Unique in the drill; a page to the person on call of this name is theirs alone.
    team : str
        A team of the on-call file; empty for a facilitator or an observer of no team.
    role : str
        A responder answers the incident, a facilitator injects, hints and ends, an observer looks.
    kind : str
        A person hands over one order after another; an automation keeps to its rate.
    graded : bool
        Whether the player's orders count for the grade.
    rate : int
        Orders a minute at most, of an automation.

    Examples
    --------
    >>> Player("ana", "ml-platform").role
    'responder'
    """

    name: str
    team: str = ""
    role: Role = "responder"
    kind: Kind = "person"
    graded: bool = True
    rate: int = RATE
