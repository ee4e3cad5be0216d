"""The states of pages in the log."""

from typing import Protocol

from simulator.oncall.paging.sent_page import SentPage
from simulator.run.events import Event, PageEvent


class PageLog(Protocol):
    """The log of a run, for pages."""

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""

    def log_event(self, event: Event) -> None:
        """Log an event."""


def log_page(
    log: PageLog,
    page: SentPage,
    state: str,
    person: str = "",
    by: str = "",
    channel: str = "",
    why: str = "",
    team: str = "",
    level: int = 0,
) -> None:
    """Log a state of a page; its facts stand in its first event.

    Parameters
    ----------
    team : str
        The team whose work the person does.
    level : int
        The level of the policy that is paged, from 1 on.
    """
    facts = dict(page.facts) if state == "sent" and not page.logged else {}
    page.logged = page.logged or state == "sent"
    log.log_event(
        PageEvent(
            log.now, page.team, page.number, state, person, page.via, page.alerts, page.about,
            page.text, by or page.by, facts, channel, why, team if team != page.team else "", level,
        )
    )  # fmt: skip
