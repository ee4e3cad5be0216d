"""A page on its way, and whom it is sent to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class PagedPerson(NamedTuple):
    """Somebody who is paged, and the team whose work they do then."""

    person: str
    team: str

    @property
    def at_team(self) -> tuple[str, str]:
        """The team, then the person."""
        return self.team, self.person


@dataclass
class SentPage:
    """One page to one team.

    Attributes
    ----------
    number : int
        Unique in a run.
    via : str
        alert, or person.
    by : str
        Who sent it.
    subject : str
        The key of its dice: the group of alerts, or the sender and the component.
    occurrence : int
        The number of the page among the team's about the same subject.
    turn : int
        The number of earlier pages of the team: round robins take turns by it.
    about, text : str
        The suspected component, and the message.
    alerts : tuple of str
        The names of its alerts.
    facts : mapping
        What its sender states.
    sent : int
        When it was sent, ms.
    attempt : int
        The levels that it went to so far, counted over repeats.
    person : str
        The first person of the current level.
    seen_by : str
        Who saw it first; of members nobody.
    taken_for : str
        The team for which somebody took it; empty until then.
    reached : list of PagedPerson
        Everybody to whom it was delivered.
    logged : bool
        Whether its sending was logged, with its facts.
    """

    number: int
    team: str
    via: str
    by: str
    subject: str
    occurrence: int = 1
    turn: int = 0
    about: str = ""
    text: str = ""
    alerts: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    sent: int = 0
    attempt: int = 0
    person: str = ""
    seen_by: str = ""
    taken_for: str = ""
    resolved: bool = False
    reached: list[PagedPerson] = field(default_factory=list)
    logged: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody to take it."""
        return not (self.taken_for or self.resolved)

    def concerns(self, team: str, person: str) -> bool:
        """Whether it is a team's, or reached its people or a person."""
        return team == self.team or any(
            team == to.team or person == to.person for to in self.reached
        )

    def news(self, recipient: PagedPerson) -> dict[str, Any]:
        """The page as its reader gets it."""
        return {
            "page": self.number,
            "alerts": list(self.alerts),
            "by": self.by,
            "about": self.about,
            "text": self.text,
            "facts": dict(self.facts),
            "person": recipient.person,
        }
