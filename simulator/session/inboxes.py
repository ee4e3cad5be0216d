"""Inboxes: what is new to each player."""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.calendar import Calendar
from simulator.run.events import MessageEvent
from simulator.session.door import News
from simulator.session.journal import Journal
from simulator.session.roster import Roster


class Inboxes:
    """An inbox for each player of a roster."""

    def __init__(self, roster: Roster, calendar: Calendar, journal: Journal) -> None:
        self._roster = roster
        self._calendar = calendar
        self._journal = journal
        self.names = tuple(roster.players)
        self._news: dict[str, list[News]] = {name: [] for name in roster.players}

    def deliver(self, names: Iterable[str], kind: str, data: Mapping[str, Any]) -> None:
        """Put news into the inboxes of players; other names have none."""
        for name in names:
            if name in self._news:
                self._news[name].append(News(self._calendar.now, kind, data))

    def send(self, sender: str, to: str, text: str) -> None:
        """Log a message to a player, a team or a role, and deliver it."""
        self._journal.write(MessageEvent(self._journal.now, sender, to, text))
        self.deliver(self._roster.recipients(to), "message", {"from": sender, "text": text})

    def take(self, name: str) -> tuple[News, ...]:
        """Empty a player's inbox."""
        news, self._news[name] = tuple(self._news[name]), []
        return news

    def has_news(self, name: str | None = None) -> bool:
        """Whether a player's inbox holds news; without a name, any player's."""
        return any(self._news.values()) if name is None else bool(self._news[name])
