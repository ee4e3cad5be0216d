"""The numbers of a former run's pages in its twin, where there may be fewer pages or others."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from simulator.run.events import PageEvent
from simulator.session.door import News

# No run has so many pages: an order about it fails.
NO_PAGE = 10**9


class _PageTraits(NamedTuple):
    """What a page has in common with its counterpart in a twin."""

    by: str
    about: str
    alerts: tuple[str, ...]


class PageNumbers:
    """The pages of which a player has heard, beside those of the former run.

    Pages are numbered as they are sent. A page less, of an alert that does not fire or of somebody
    who hands nothing on, shifts the numbers of all that follow. Where no number is shifted, as in
    an exact replay, each page has its own.

    Examples
    --------
    >>> alert = {"page": 2, "by": "alertmanager", "about": "", "alerts": ["Slow"]}
    >>> former = [PageEvent(0, "data", 1, "sent", by="ana"),
    ...           PageEvent(9, "data", 2, "sent", by="dee", about="key"),
    ...           PageEvent(9, "ml", 3, "sent", by="alertmanager", alerts=("Slow",))]
    >>> numbers = PageNumbers(former)
    >>> numbers.read([News(9, "page", alert)])
    >>> numbers.here(3), numbers.here(2) == NO_PAGE
    (2, True)
    """

    def __init__(self, former: Iterable[PageEvent]) -> None:
        self._former: dict[int, _PageTraits] = {}
        self._here: dict[int, _PageTraits] = {}
        for event in former:
            self._former.setdefault(event.page, _PageTraits(event.by, event.about, event.alerts))

    def read(self, news: Iterable[News]) -> None:
        """Take the pages among a player's news."""
        for item in news:
            if item.kind == "page":
                data: Any = item.data
                traits = _PageTraits(data["by"], data["about"], tuple(data["alerts"]))
                self._here[data["page"]] = traits

    def here(self, number: int) -> int:
        """The number of a former page in this run; `NO_PAGE` if there is none."""
        if all(self._former.get(page) == traits for page, traits in self._here.items()):
            return number
        traits = self._former.get(number)
        former = [page for page in sorted(self._former) if self._former[page] == traits]
        here = [page for page in sorted(self._here) if self._here[page] == traits]
        place = former.index(number) if number in former else len(here)
        return here[place] if place < len(here) else NO_PAGE
