"""Notifications, and when the state of an aggregation group must be notified."""

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
    retry_window: int = 300_000  # ms; attempts end when the group is due again

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The firing alerts."""
        return tuple(alert for alert in self.alerts if not alert.resolved(self.t))

    @property
    def resolved(self) -> tuple[Alert, ...]:
        """The resolved alerts."""
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
        """The group's key in the notification log."""
        inner = ", ".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.route.key}:{{{inner}}}"


class LastNotification(NamedTuple):
    """The latest notification of a group to one integration."""

    t: int
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


def merge_alerts(old: Alert | None, new: Alert, t: int) -> Alert:
    """The alert that Alertmanager stores when it receives an alert again at t.

    Examples
    --------
    >>> old, new = Alert((), (), 0, 240_000), Alert((), (), 60_000, 300_000)
    >>> merge_alerts(old, new, 60_000).starts_at
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
    last: LastNotification | None,
    firing: frozenset[Labels],
    resolved: frozenset[Labels],
    send_resolved: bool,
    repeat: int,
    t: int,
) -> bool:
    """Whether a group's state at t is new to an integration, or due to be repeated.

    Examples
    --------
    >>> down = frozenset([(("alertname", "Down"),)])
    >>> needs_update(None, down, frozenset(), True, 60_000, 0)
    True
    >>> [needs_update(LastNotification(0, down, frozenset()), down, frozenset(), True, 60_000, t)
    ...  for t in (60_000, 60_001)]
    [False, True]
    """
    if last is None:
        return bool(firing)
    if not firing <= last.firing:
        return True
    if not firing:
        return bool(last.firing)
    if send_resolved and not resolved <= last.resolved:
        return True
    return last.t < t - repeat


def sort_key(alert: Alert) -> tuple[tuple[bool, str], tuple[bool, str], Labels]:
    """Alertmanager's order: by job, instance, then all labels; missing labels come last."""
    labels = dict(alert.labels)
    job, instance = labels.get("job"), labels.get("instance")
    return (job is None, job or ""), (instance is None, instance or ""), alert.labels
