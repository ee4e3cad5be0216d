"""Updates: what a severity asks of the team, and readers who ask when no update comes."""

from collections.abc import Mapping
from typing import Any, Protocol

from simulator.oncall.command.incident_command import IncidentCommand
from simulator.oncall.organisation import Organisation
from simulator.run.events import Event, MessageEvent
from simulator.scenario.severity import SeverityLevel
from simulator.units.wording import format_duration, join_words

# The senders of messages that no person or team sends.
ON_CALL_FILE = "on-call file"
CUSTOMERS = "customers"


class UpdateHost(Protocol):
    """The run behind the readers of updates."""

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""

    def log_event(self, event: Event) -> None:
        """Log an event."""

    def deliver(self, to: str, kind: str, data: Mapping[str, Any]) -> None:
        """Deliver news to a player or to all players of a team."""


def format_duties(level: SeverityLevel) -> str:
    """What a severity asks of the team; empty if nothing.

    Examples
    --------
    >>> level = SeverityLevel.model_validate({"when": {"any": [{"customers": 0.2}]},
    ...     "inform": ["executives", "support"], "roles": ["commander"], "update_every": "30m"})
    >>> format_duties(level)
    'inform executives and support; assign commander; send a status update every 30 min'
    """
    duties = []
    if level.inform:
        duties.append(f"inform {join_words(list(level.inform))}")
    if level.roles:
        duties.append(f"assign {join_words(list(level.roles))}")
    if level.update_every:
        duties.append(f"send a status update every {format_duration(level.update_every)}")
    return "; ".join(duties)


class UpdateReminders:
    """Readers of one run who ask whenever a status update is overdue.

    Parameters
    ----------
    plays : str
        The played team, which is asked.
    """

    def __init__(
        self, organisation: Organisation, command: IncidentCommand, host: UpdateHost, plays: str
    ) -> None:
        self._organisation, self._command = organisation, command
        self._host, self._plays = host, plays
        self._since = 0
        self._asked_at = 0  # when a reader last asked, or had news; ms

    def ask_if_due(self) -> None:
        """Let a reader ask, once in every interval without an update."""
        command = self._command
        if command.severity is None:
            return
        level = self._organisation.model.severities.get(command.severity)
        if level is None or not level.update_every:
            return
        if command.last_news != self._since:
            self._since = self._asked_at = command.last_news
        now, every = self._host.now, level.update_every
        if intervals := (now - self._asked_at) // every:
            reader = level.inform[0] if level.inform else CUSTOMERS
            self._ask(reader, format_duration(now - self._since))
            self._asked_at += intervals * every

    def _ask(self, reader: str, age: str) -> None:
        again = " again" if self._asked_at > self._since else ""
        news = f"the last status update is {age} old"
        if self._command.updated_at != self._since:
            news = f"{self._command.severity} has stood for {age} without a status update"
        text = f"Customers ask{again}: what is the state? By now {news}."
        self._host.log_event(MessageEvent(self._host.now, reader, self._plays, text))
        self._host.deliver(self._plays, "message", {"from": reader, "text": text})
