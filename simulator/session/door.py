"""The door: everything that one player can see and do."""

from collections.abc import Callable, Mapping
from copy import deepcopy
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

    @property
    def now(self) -> int: ...
    @property
    def ends(self) -> int: ...
    def has_news(self, player: str) -> bool: ...
    def take_news(self, player: str) -> Observation: ...
    def query(self, player: str, expr: str) -> Result: ...
    def search(self, player: str, pattern: str, since: int) -> list[LogLine]: ...
    def submit(self, player: str, order: Order) -> int: ...
    def log_step(
        self, player: str, playbook: str, path: str, verb: str, state: str, why: str,
        name: str, by: str,
    ) -> None: ...  # fmt: skip


class Door:
    """Everything that one player can see and do; there is no other way into a run.

    Nothing that only the facilitators know is behind it: no faults, no truth, no seed. No
    attribute of a door can be set or deleted, so that it stays its player's.
    """

    # The host and the player, in a closure: there is no name to assign another player to.
    __slots__ = ("__behind",)
    __behind: Callable[[], tuple[DoorHost, str]]

    def __init__(self, host: DoorHost, player: str) -> None:
        object.__setattr__(self, "_Door__behind", lambda: (host, player))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a door cannot be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a door cannot be changed: {name}")

    @property
    def player(self) -> str:
        """The name of the player whose door it is."""
        return self.__behind()[1]

    @property
    def now(self) -> int:
        """Simulated time, ms from the start."""
        return self.__behind()[0].now

    @property
    def ends(self) -> int:
        """The end of the drill, ms."""
        return self.__behind()[0].ends

    @property
    def waiting(self) -> bool:
        """Whether the inbox holds news."""
        host, player = self.__behind()
        return host.has_news(player)

    def seen(self) -> Observation:
        """Empty this player's inbox and return its content, which is the player's own."""
        host, player = self.__behind()
        observation = host.take_news(player)
        # Other players, and the systems that reported it, have the same data.
        news = (item._replace(data=deepcopy(dict(item.data))) for item in observation.news)
        return observation._replace(news=tuple(news))

    def query(self, expr: str) -> Result:
        """Evaluate PromQL now. The query is logged: looking is evidence.

        Raises
        ------
        PromQLError
            If the expression is not valid PromQL, is larger than 64 KB or has no answer.
        """
        host, player = self.__behind()
        return host.query(player, expr)

    def search(self, pattern: str, since: int) -> list[LogLine]:
        """Search the systems' log lines of the last `since` ms with an RE2 pattern.

        Raises
        ------
        ValueError
            If the pattern is not a valid RE2 expression or larger than 64 KB, or `since` is not
            a time.
        """
        host, player = self.__behind()
        return host.search(player, pattern, since)

    def submit(self, order: Order) -> int:
        """Queue an order for the next tick; it is never carried out at once.

        Its arguments are copied: plain data (`plain_data.copy_plain`) of at most 64 KB.

        Returns
        -------
        int
            The order's number among this player's orders; it never changes.

        Raises
        ------
        OrderRejected
            If there is no such action, or its arguments are wrong. Nothing happened.
        """
        host, player = self.__behind()
        return host.submit(player, order)

    def log_step(
        self,
        playbook: str,
        path: str,
        verb: str,
        state: str,
        why: str = "",
        *,
        name: str = "",
        by: str = "",
    ) -> None:
        """Log how a step of a playbook goes; it is evidence, and changes nothing.

        Parameters
        ----------
        playbook, path, verb : str
            The playbook, the step's place in it (`steps[2].branch[0].steps[1]`), and its verb.
        state : str
            begun, done, skipped, failed or timed out.
        why : str
            The reason, in one line; long ones are cut.
        name, by : str
            The step's own name, and who carries it out.
        """
        host, player = self.__behind()
        host.log_step(player, playbook, path, verb, state, why, name, by)
