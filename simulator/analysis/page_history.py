"""Every page to a team, from its sending to its acknowledgement."""

from dataclasses import dataclass

from simulator.run import Run
from simulator.run.events import PageEvent


@dataclass(frozen=True)
class PageHistory:
    """One page to a team: its events, in order."""

    page: int
    team: str
    events: tuple[PageEvent, ...]

    @property
    def first(self) -> PageEvent:
        """Its first event, which has its alerts and its text."""
        return self.events[0]

    @property
    def t(self) -> int:
        """When it was sent, ms."""
        return self.first.t

    @property
    def delivered(self) -> int | None:
        """When it first reached a person, ms."""
        return self.first_in("delivered", "acknowledged")

    @property
    def seen(self) -> int | None:
        """When somebody of its team first saw it, ms: a sleeper or a busy person does not."""
        return self._first_of_team("seen", "acknowledged")

    @property
    def acknowledged(self) -> int | None:
        """When its team acknowledged it, ms; another team's level may have taken it before."""
        return self._first_of_team("acknowledged")

    def first_in(self, *states: str) -> int | None:
        """When it first came into one of these states, ms."""
        return next((event.t for event in self.events if event.state in states), None)

    def _first_of_team(self, *states: str) -> int | None:
        events = (event for event in self.events if event.state in states)
        return next((event.t for event in events if event.reached_team == self.team), None)


def page_histories(run: Run) -> list[PageHistory]:
    """The pages of a run in order of their sending; a page to two teams is two."""
    by_team: dict[tuple[str, int], list[PageEvent]] = {}
    for event in run.of(PageEvent):
        by_team.setdefault((event.who, event.page), []).append(event)
    return [PageHistory(page, team, tuple(events)) for (team, page), events in by_team.items()]


def earliest(*times: int | None) -> int | None:
    """The earliest of the times that are not None.

    Examples
    --------
    >>> earliest(None, 5, 3), earliest(None)
    (3, None)
    """
    return min((t for t in times if t is not None), default=None)
