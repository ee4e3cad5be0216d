"""Alertmanager's routing tree and inhibition rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.alerting.intervals import TimeIntervals
from simulator.alerting.matchers import Conditions, all_hold
from simulator.alerting.receivers import AlertReceiver


@dataclass(frozen=True)
class Route:
    """A node of the routing tree, with its inherited settings filled in.

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
    continues: bool = False  # later siblings are tried too
    routes: tuple[Route, ...] = ()
    key: str = "{}"
    path: str = "route"  # unique place in the tree

    def match(self, labels: Mapping[str, str]) -> list[Route]:
        """An alert's routes: depth first, the first matching child unless it continues."""
        if not all_hold(self.matchers, labels):
            return []
        routes: list[Route] = []
        for child in self.routes:
            below = child.match(labels)
            routes += below
            if below and not child.continues:
                break
        return routes or [self]

    def walk(self) -> Iterator[Route]:
        """This route and all routes below it."""
        yield self
        for child in self.routes:
            yield from child.walk()


@dataclass(frozen=True)
class Inhibition:
    """Alerts on the target side are muted while an alert on the source side fires."""

    source: Conditions
    target: Conditions
    equal: tuple[str, ...] = ()


@dataclass(frozen=True)
class AlertmanagerConfig:
    """A configuration's routes, receivers, inhibitions and intervals."""

    route: Route
    receivers: dict[str, AlertReceiver]
    inhibitions: tuple[Inhibition, ...] = ()
    intervals: TimeIntervals = field(default_factory=lambda: TimeIntervals({}))
    resolve_timeout: int = 300_000
