"""Attempts and successes of the links between what is monitored and who is notified."""

from collections.abc import Mapping
from typing import NamedTuple

# Two of the links; scrapes and notifications are links by target and by receiver.
RULES, ALERTMANAGER = "rules", "alertmanager"


class LinkCount(NamedTuple):
    """Attempts of one link, the successes among them, and whether the last one succeeded."""

    attempts: int = 0
    successes: int = 0
    works: bool = True


class LinkCounts:
    """The counts of each link, from a scrape to a notification, since the start.

    They count what happened: a fault shows in them only where it made an attempt fail.

    Examples
    --------
    >>> links = LinkCounts()
    >>> links.count("scrape/kserve", 1, 1)
    >>> before = links.copy()
    >>> links.count("scrape/kserve", 3, 1)
    >>> links.count("rules", 2, 2)
    >>> worst_link(links.copy(), before)
    0.3333333333333333
    """

    def __init__(self) -> None:
        # Attempts, successes, and whether the last one succeeded: changed in place, as there are
        # ten counts a scrape.
        self._counts: dict[str, list[int]] = {}

    def count(self, link: str, attempts: int, successes: int) -> None:
        """Count attempts of one link, and how many of them succeeded."""
        counts = self._counts.setdefault(link, [0, 0, 1])
        counts[0] += attempts
        counts[1] += successes
        counts[2] = successes == attempts

    def copy(self) -> dict[str, LinkCount]:
        """The counts so far, by link."""
        return {
            link: LinkCount(attempts, successes, bool(works))
            for link, (attempts, successes, works) in self._counts.items()
        }


def worst_link(counts: Mapping[str, LinkCount], before: Mapping[str, LinkCount]) -> float:
    """The smallest success ratio of all links between two counts; NaN if none was tried.

    A link that was not tried stays as it was last: to mute the alerts mends no pager.

    Examples
    --------
    >>> counts = {"rules": LinkCount(4, 4), "receiver/pager": LinkCount(2, 0, works=False)}
    >>> worst_link(counts, {"receiver/pager": LinkCount(2, 0, works=False)})
    0.0
    """
    ratios = []
    for name, link in counts.items():
        earlier = before.get(name, LinkCount())
        tried = link.attempts - earlier.attempts
        if tried:
            ratios.append((link.successes - earlier.successes) / tried)
        elif not link.works:
            ratios.append(0.0)
    return min(ratios, default=float("nan"))
