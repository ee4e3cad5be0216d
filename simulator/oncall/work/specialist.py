"""A specialist: what a simulated person who took a page can see and do."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Protocol


class Finding(Enum):
    """What a look at a component shows."""

    HEALTHY = "healthy"
    AT_FAULT = "at fault"
    NOT_VISIBLE = "not visible"  # not theirs to look into


class SpecialistDoor(Protocol):
    """The door of a simulated person: they see what is theirs, and act under their own name."""

    @property
    def now(self) -> int:
        """The time, ms."""

    def look(self, target: str) -> Finding:
        """Look into a component, and log it."""

    def has_traces(self, target: str, since: int) -> bool:
        """Whether a component shows signs of trouble since a time, ms."""

    def order(self, kind: str, args: Mapping[str, Any], on_end: Callable[[str, str], None]) -> None:
        """Submit an order for the next tick; `on_end` receives the state and note of its end."""

    def tell(self, to: str, text: str) -> None:
        """Send a message."""

    def order_targets(self, player: str, number: int) -> tuple[str, ...]:
        """The components that an order of a player concerns."""

    def team_of(self, player: str) -> str:
        """The team of a player; empty for anybody else."""
