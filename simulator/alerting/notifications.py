"""What Alertmanager sends, and when a group's state is news to an integration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.alerting.alerts import Alert
from simulator.alerting.routing import Route
from simulator.telemetry.store import Labels


class Notification(NamedTuple):
    """One message to one integration of a receiver."""

    t: int
    receiver: str
    integration: str  # "slack[0]"
    group_labels: Labels
    group_key: str
    status: str  # "firing" while any of the alerts fires, else "resolved"
    alerts: tuple[Alert, ...]
    patience: int = 300_000  # ms; attempts end when the group is due again

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Its alerts that fire."""
        return tuple(alert for alert in self.alerts if not alert.resolved(self.t))

    @property
    def resolved(self) -> tuple[Alert, ...]:
        """Its alerts that are over."""
        return tuple(alert for alert in self.alerts if alert.resolved(self.t))


@dataclass
class AggregationGroup:
    """The alerts of one route that are notified together."""

    route: Route
    labels: Labels
    next_flush: int
    alerts: dict[Labels, Alert] = field(default_factory=dict)
    flushed: bool = False

    @property
    def key(self) -> str:
        """What the group is called in the log of notifications."""
        inner = ", ".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.route.key}:{{{inner}}}"


class Sent(NamedTuple):
    """What an integration was last told of a group."""

    t: int
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


def merged(old: Alert | None, new: Alert, t: int) -> Alert:
    """What Alertmanager remembers of an alert that it is told of again at t.

    Examples
    --------
    >>> old, new = Alert((), (), 0, 240_000), Alert((), (), 60_000, 300_000)
    >>> merged(old, new, 60_000).starts_at
    0
    """
    if old is None:
        return new
    ends_within = old.starts_at < new.ends_at < old.ends_at
    if not ends_within and not old.starts_at < new.starts_at < old.ends_at:
        return new
    starts, ends = min(old.starts_at, new.starts_at), new.ends_at
    if new.resolved(t):
        if old.resolved(t):
            ends = max(ends, old.ends_at)
    elif old.ends_at > ends and not old.timed_out:
        ends = old.ends_at
    return new._replace(starts_at=starts, ends_at=ends)


def needs_update(
    before: Sent | None,
    firing: frozenset[Labels],
    resolved: frozenset[Labels],
    send_resolved: bool,
    repeat: int,
    t: int,
) -> bool:
    """Whether a group's state at t is news to an integration, or due to be repeated.

    Examples
    --------
    >>> down = frozenset([(("alertname", "Down"),)])
    >>> needs_update(None, down, frozenset(), True, 60_000, 0)
    True
    >>> [needs_update(Sent(0, down, frozenset()), down, frozenset(), True, 60_000, t)
    ...  for t in (60_000, 60_001)]
    [False, True]
    """
    if before is None:
        return bool(firing)
    if not firing <= before.firing:
        return True
    if not firing:
        return bool(before.firing)
    if send_resolved and not resolved <= before.resolved:
        return True
    return before.t < t - repeat


def listed(alert: Alert) -> tuple[tuple[bool, str], tuple[bool, str], Labels]:
    """Alertmanager lists alerts by job, instance, then all labels; those without come last."""
    labels = dict(alert.labels)
    job, instance = labels.get("job"), labels.get("instance")
    return (job is None, job or ""), (instance is None, instance or ""), alert.labels
