"""Where an alert goes: the tree of routes, and which alerts mute which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.alerting.intervals import TimeIntervals
from simulator.alerting.matchers import Conditions, all_hold
from simulator.alerting.receivers import Receiver


@dataclass(frozen=True)
class Route:
    """A node of the routing tree, with all that it inherits filled in.

    Examples
    --------
    >>> from simulator.alerting.matchers import parse_matchers
    >>> page = Route("pager", matchers=parse_matchers('severity="page"'))
    >>> root = Route("mail", routes=(page,))
    >>> [route.receiver for route in root.match({"severity": "page"})]
    ['pager']
    >>> [route.receiver for route in root.match({"severity": "info"})]
    ['mail']
    """

    receiver: str
    matchers: Conditions = ()
    group_by: tuple[str, ...] = ()
    group_by_all: bool = False
    group_wait: int = 30_000
    group_interval: int = 300_000
    repeat_interval: int = 14_400_000
    mute: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    goes_on: bool = False
    routes: tuple[Route, ...] = ()
    key: str = "{}"
    path: str = "route"  # its place in the tree, which no other route has

    def match(self, labels: Mapping[str, str]) -> list[Route]:
        """The routes that an alert takes: depth first, the first child unless it goes on."""
        if not all_hold(self.matchers, labels):
            return []
        found: list[Route] = []
        for child in self.routes:
            below = child.match(labels)
            found += below
            if below and not child.goes_on:
                break
        return found or [self]

    def walk(self) -> Iterator[Route]:
        """This route and all below it."""
        yield self
        for child in self.routes:
            yield from child.walk()


@dataclass(frozen=True)
class Inhibition:
    """Alerts on the target side are muted while one on the source side fires."""

    source: Conditions
    target: Conditions
    equal: tuple[str, ...] = ()


@dataclass(frozen=True)
class AlertmanagerConfig:
    """All of a configuration that decides who is notified when."""

    route: Route
    receivers: dict[str, Receiver]
    inhibitions: tuple[Inhibition, ...] = ()
    intervals: TimeIntervals = field(default_factory=lambda: TimeIntervals({}))
    resolve_timeout: int = 300_000
