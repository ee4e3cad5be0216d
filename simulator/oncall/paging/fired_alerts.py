"""The alerts of each group that fired, and when: what the levels of policies may ask for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping


class FiredAlerts:
    """When each alert of a group began to fire.

    Examples
    --------
    >>> fired = FiredAlerts()
    >>> fired.update("latency", [{"pod": "a"}, {"pod": "b"}], True, now=60_000)
    >>> fired.update("latency", [{"pod": "a"}, {"pod": "c"}], True, now=120_000)
    >>> fired.count("latency", since=0), fired.count("latency", since=90_000)
    (3, 1)
    """

    def __init__(self) -> None:
        self._starts: defaultdict[str, dict[tuple[tuple[str, str], ...], int]] = defaultdict(dict)

    def update(
        self, group: str, alerts: Iterable[Mapping[str, str]], firing: bool, now: int
    ) -> None:
        """Take the alerts of a notification, by their labels; a resolved group starts anew."""
        starts = self._starts[group]
        if not firing:
            starts.clear()
            return
        for labels in alerts:
            starts.setdefault(tuple(sorted(labels.items())), now)

    def count(self, group: str, since: int) -> int:
        """The number of a group's alerts that began to fire since a time, ms."""
        return sum(t >= since for t in self._starts[group].values())
