"""The door: everything that one player can see and do."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from simulator.promql import Result
from simulator.telemetry.log_lines import LogLine


class OrderRejected(ValueError):
    """A session rejects an order: nothing happened, and the text gives the reason."""


class Order(NamedTuple):
    """An action's name and its arguments."""

    kind: str
    args: Mapping[str, Any] = {}


class News(NamedTuple):
    """One item of a player's inbox."""

    t: int
    kind: str  # page, ticket, message, result
    data: Mapping[str, Any]


class Observation(NamedTuple):
    """The items that a player has not seen yet."""

    now: int
    ends: int
    news: tuple[News, ...]


class DoorHost(Protocol):
    """The run behind a door; the methods of the same name in `Door` document them."""

    now: int
    ends: int

    def has_news(self, player: str) -> bool: ...
    def take_news(self, player: str) -> Observation: ...
    def query(self, player: str, expr: str) -> Result: ...
    def search(self, player: str, pattern: str, since: int) -> list[LogLine]: ...
    def submit(self, player: str, order: Order) -> int: ...


class Door:
    """Everything that one player can see and do; there is no other way into a run.

    Nothing that only the facilitators know is behind it: no faults, no truth, no seed.
    """

    def __init__(self, host: DoorHost, player: str) -> None:
        self.__host = host
        self.player = player

    @property
    def now(self) -> int:
        """Simulated time, ms from the start."""
        return self.__host.now

    @property
    def ends(self) -> int:
        """The end of the drill, ms."""
        return self.__host.ends

    @property
    def waiting(self) -> bool:
        """Whether the inbox holds news."""
        return self.__host.has_news(self.player)

    def seen(self) -> Observation:
        """Empty this player's inbox and return its content."""
        return self.__host.take_news(self.player)

    def query(self, expr: str) -> Result:
        """Evaluate PromQL now. The query is logged: looking is evidence.

        Raises
        ------
        PromQLError
            If the expression is not valid PromQL or has no answer.
        """
        return self.__host.query(self.player, expr)

    def search(self, pattern: str, since: int) -> list[LogLine]:
        """Search the systems' log lines of the last `since` ms with an RE2 pattern.

        Raises
        ------
        ValueError
            If the pattern is not a valid RE2 expression, or `since` is not a time.
        """
        return self.__host.search(self.player, pattern, since)

    def submit(self, order: Order) -> int:
        """Queue an order for the next tick; it is never carried out at once.

        Returns
        -------
        int
            The order's number among this player's orders; it never changes.

        Raises
        ------
        OrderRejected
            If there is no such action or its arguments are wrong. Nothing happened.
        """
        return self.__host.submit(self.player, order)
