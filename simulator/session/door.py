"""The only way in: what one player can see and do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.promql import Result
from simulator.telemetry.log_lines import LogLine

if TYPE_CHECKING:
    from simulator.session.session import Session


class OrderRejected(ValueError):
    """An order that no session takes: nothing happened, and the text says why."""


class Order(NamedTuple):
    """What is asked: an action's name and its arguments."""

    kind: str
    args: Mapping[str, Any] = {}


class News(NamedTuple):
    """One thing in a player's inbox."""

    t: int
    kind: str  # page, ticket, message, result
    data: Mapping[str, Any]


class Observation(NamedTuple):
    """What is new for a player."""

    now: int
    ends: int
    news: tuple[News, ...]


class Door:
    """What one player can see and do; there is no other way in.

    Nothing that only the facilitators know is behind it: no faults, no truth, no seed.
    """

    def __init__(self, session: Session, who: str) -> None:
        self.__session = session
        self.who = who

    @property
    def now(self) -> int:
        """Simulated time, ms from the start."""
        return self.__session.now

    @property
    def ends(self) -> int:
        """When the drill ends, ms."""
        return self.__session.ends

    @property
    def waiting(self) -> bool:
        """Whether there is something new in the inbox."""
        return bool(self.__session._inboxes[self.who])

    def seen(self) -> Observation:
        """What is new in this player's inbox; it is empty afterwards."""
        return self.__session._seen(self.who)

    def query(self, expr: str) -> Result:
        """Ask PromQL now. The question is logged: looking is evidence.

        Raises
        ------
        PromQLError
            If it is no PromQL that can be answered.
        """
        return self.__session._query(self.who, expr)

    def search(self, pattern: str, since: int) -> list[LogLine]:
        """Search the systems' log lines of the last `since` ms with an RE2 pattern.

        Raises
        ------
        ValueError
            If the pattern is no RE2 expression, or `since` no time.
        """
        return self.__session._search(self.who, pattern, since)

    def submit(self, order: Order) -> int:
        """Order something. It is queued to the next tick and never done at once.

        Returns
        -------
        int
            The order's number among this player's orders, for ever.

        Raises
        ------
        OrderRejected
            If there is no such action or its arguments are wrong. Nothing happened.
        """
        return self.__session._submit(self.who, order)
