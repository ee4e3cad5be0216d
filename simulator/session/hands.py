"""Hands: how many orders a player can give in a time."""

from collections import deque

from simulator.run import Player

# The time in which a person hands an order over: a command typed, a message sent. A playbook's
# step takes 30 s by default; most of that is the decision, and comes before the order.
HANDLING_MS = 10_000
MINUTE_MS = 60_000


class Hands:
    """The hands of a player.

    A person has one pair, busy while an order is handed over and free while it is carried out. An
    automation gives orders side by side, at most its rate in any minute.

    Examples
    --------
    >>> hands = Hands(Player("ana", "ml"))
    >>> hands.take(0)
    >>> hands.free(5_000), hands.free(10_000)
    (False, True)
    >>> bot = Hands(Player("bot", "ml", kind="automation", rate=2))
    >>> bot.take(0); bot.take(0)
    >>> bot.free(0), bot.free(60_000)
    (False, True)
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._taken: deque[int] = deque()  # the starts of the last orders, ms

    def free(self, now: int) -> bool:
        """Whether the player can give an order now, ms."""
        person = self._player.kind == "person"
        span, orders = (HANDLING_MS, 1) if person else (MINUTE_MS, self._player.rate)
        while self._taken and self._taken[0] + span <= now:
            self._taken.popleft()
        return len(self._taken) < orders

    def take(self, now: int) -> None:
        """Begin to give an order."""
        self._taken.append(now)
