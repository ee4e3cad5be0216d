"""What the doors of players need of a run."""

from simulator.promql import Result
from simulator.session.door import Observation, Order, OrderRejected
from simulator.session.inboxes import Inboxes
from simulator.session.journal import Journal
from simulator.session.looks import Looks
from simulator.session.order_queue import OrderQueue
from simulator.telemetry.log_lines import LogLine


class RunBehindDoors:
    """A run behind its doors (`session.door.DoorHost`)."""

    def __init__(
        self, journal: Journal, inboxes: Inboxes, looks: Looks, orders: OrderQueue
    ) -> None:
        self._journal, self._inboxes = journal, inboxes
        self._looks, self._orders = looks, orders

    @property
    def now(self) -> int:
        """The simulated time, ms."""
        return self._journal.now

    @property
    def ends(self) -> int:
        """The end of the drill, ms."""
        return self._journal.ends

    def has_news(self, player: str) -> bool:
        """Whether a player's inbox holds news."""
        return self._inboxes.has_news(player)

    def take_news(self, player: str) -> Observation:
        """Empty a player's inbox."""
        return Observation(self.now, self.ends, self._inboxes.take(player))

    def query(self, player: str, expr: str) -> Result:
        """Evaluate PromQL now, and log it as a player's look."""
        return self._looks.query(player, expr)

    def search(self, player: str, pattern: str, since: int) -> list[LogLine]:
        """Search the systems' log lines, and log it as a player's look."""
        return self._looks.search(player, pattern, since)

    def submit(self, player: str, order: Order) -> int:
        """Queue a player's order; return its number."""
        if self._journal.over:
            raise OrderRejected("the drill is over")
        return self._orders.submit(player, order)

    def log_step(self, player: str, *texts: str) -> None:
        """Log a step of a player's playbook."""
        self._looks.log_step(player, *texts)
