"""Since when each objective holds or is breached."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class ObjectiveSpan(NamedTuple):
    """An objective's state, and the scrape at which it began, ms."""

    holds: bool
    since: int


class Breaches:
    """The states of objectives, scrape by scrape; before the first scrape they hold.

    Attributes
    ----------
    measured : int, ms
        The last scrape.
    spans : dict of str to ObjectiveSpan
    last : int or None, ms
        The last scrape at which an objective was breached.

    Examples
    --------
    >>> breaches = Breaches(["accuracy"])
    >>> for t, holds in ((15_000, True), (30_000, False), (45_000, False)):
    ...     breaches.observe(t, {"accuracy": holds})
    >>> breaches.spans["accuracy"], breaches.last
    (ObjectiveSpan(holds=False, since=30000), 45000)
    """

    def __init__(self, objectives: Iterable[str]) -> None:
        self.measured = 0
        self.spans = {name: ObjectiveSpan(holds=True, since=0) for name in objectives}
        self.last: int | None = None

    def observe(self, t: int, holding: Mapping[str, bool]) -> None:
        """Add the states at one scrape."""
        self.measured = t
        for name, holds in holding.items():
            if holds != self.spans[name].holds:
                self.spans[name] = ObjectiveSpan(holds, t)
        if not all(holding.values()):
            self.last = t
