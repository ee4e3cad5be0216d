"""A person who follows a playbook step by step, and needs a person's time for each step.

The playbook starts with a page; further pages are acknowledged on the way, and each order is
awaited. Once closed, the playbook starts again with the pages of its `starts_on`; other pages
are only acknowledged, such as those of late labels about an hour that is already repaired.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.responders.playbook.course import Course, Wakes
from simulator.responders.playbook.findings import Findings
from simulator.scenario import Playbook
from simulator.session import Door, News, Order

# The time until a person in the middle of an incident acknowledges the next page.
ACKNOWLEDGE_MS = 30_000


class Follower:
    """Follows one playbook."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._findings = Findings()
        self._results: dict[int, Mapping[str, Any]] = {}  # of orders, by number
        self._acknowledge_at: dict[int, int] = {}  # by page; a page comes once for each reader
        self._acknowledged: set[int] = set()
        self._course: Wakes | None = None
        self._wake: int | None = None
        self._has_run = False

    def respond(self, door: Door) -> int | None:
        """Read the news, take the steps that are due, return the next wake-up."""
        news = door.seen().news
        results = [item for item in news if item.kind == "result"]
        self._results |= {item.data["order"]: item.data for item in results}
        self._note_acknowledged(results)
        if self._course is None and self._starts(news):
            self._course = Course(self.playbook, door, self._findings, self._results).run()
            self._wake = door.now
        else:
            pages = [item.data["page"] for item in news if item.kind == "page"]
            for page in set(pages) - self._acknowledged:
                self._acknowledge_at.setdefault(page, door.now + ACKNOWLEDGE_MS)
        due = {page: t for page, t in self._acknowledge_at.items() if t <= door.now}
        if due:
            self._acknowledge_at = {p: t for p, t in self._acknowledge_at.items() if p not in due}
            door.submit(Order("acknowledge"))
        if self._course and (self._wake is None or self._wake <= door.now or results):
            try:
                self._wake = next(self._course)
            except StopIteration:
                self._course, self._wake, self._has_run = None, None, True
        times = [t for t in (self._wake, *self._acknowledge_at.values()) if t is not None]
        return min(times, default=None)

    def _note_acknowledged(self, results: Iterable[News]) -> None:
        """Note the pages that orders acknowledged; nobody acknowledges them again."""
        for item in results:
            if item.data["action"] == "acknowledge":
                self._acknowledged.update(item.data["result"].get("pages", ()))
        for page in self._acknowledged & self._acknowledge_at.keys():
            del self._acknowledge_at[page]

    def _starts(self, news: Iterable[News]) -> bool:
        """Whether a page starts the playbook: any page the first time, later its own."""
        starts_on = self.playbook.starts_on
        return any(
            not self._has_run
            or starts_on is None
            or bool(set(starts_on.alerts) & set(item.data["alerts"]))
            for item in news
            if item.kind == "page"
        )
