"""Alertmanager in simulated time: which receiver is notified of which alerts, and when.

Alerts come in by `receive`; `advance` lets time pass and returns the notifications. Each
aggregation group of a route has a timer: `group_wait` after its first alert, then every
`group_interval`. At each flush, inhibited, time-muted and silenced alerts are left out, and the
other alerts are compared with the latest notification.
"""

from collections.abc import Sequence

from simulator.alerting.alertmanager_config import load_alertmanager
from simulator.alerting.alerts import Alert
from simulator.alerting.matchers import Conditions, MatcherError, parse_matchers
from simulator.alerting.notifications import (
    AggregationGroup,
    LastNotification,
    Notification,
    merge_alerts,
    needs_update,
    sort_key,
)
from simulator.alerting.receivers import Integration
from simulator.alerting.routing import AlertmanagerConfig, Route
from simulator.alerting.silences import AlertSilence, inhibited
from simulator.telemetry.store import Labels
from simulator.units import format_ms

__all__ = [
    "Alert", "AlertSilence", "Alertmanager", "AlertmanagerConfig", "AlertmanagerUnreachable",
    "MatcherError", "Notification", "load_alertmanager",
]  # fmt: skip

GROUP_CLEANUP = 30_000  # ms; 0.25 removes empty groups this often
ALERT_CLEANUP = 30 * 60_000  # ms; resolved alerts are removed this often
LONG_AGO = -(10**15)  # ms
VERSIONS = ("0.25", "0.34")
LogKey = tuple[str, str, str]  # group key, receiver, integration


class AlertmanagerUnreachable(ValueError):
    """Alertmanager's address refuses connections."""


class Alertmanager:
    """Groups, routes and notifies.

    Parameters
    ----------
    start_ms_epoch : int
        Time 0 on the calendar, ms since 1970; for time intervals.
    version : str
        '0.34', or '0.25', in which an empty group keeps its timer until the next clean-up.

    Examples
    --------
    >>> config = load_alertmanager('''
    ... route: {receiver: mail, group_by: [alertname]}
    ... receivers: [{name: mail, webhook_configs: [{url: "http://localhost/"}]}]
    ... ''', "alertmanager.yml")
    >>> alertmanager = Alertmanager(config)
    >>> alertmanager.receive([Alert((("alertname", "Down"),), (), 0, 240_000)], 0)
    >>> alertmanager.next_flush()
    30000
    >>> [(sent.t, sent.receiver, sent.status) for sent in alertmanager.advance(60_000)]
    [(30000, 'mail', 'firing')]
    """

    def __init__(
        self, config: AlertmanagerConfig, start_ms_epoch: int = 0, version: str = "0.34"
    ) -> None:
        if version not in VERSIONS:
            raise ValueError(f"version must be one of {', '.join(VERSIONS)}, not {version!r}")
        self.config, self.start, self.version = config, start_ms_epoch, version
        self.alerts: dict[Labels, Alert] = {}
        self.groups: dict[tuple[str, Labels], AggregationGroup] = {}
        self.log: dict[LogKey, LastNotification] = {}
        self.log_before: dict[LogKey, LastNotification | None] = {}  # one notification ago
        self.silences: dict[str, AlertSilence] = {}
        self.silences_created = 0
        self.unreported: list[Notification] = []  # sent, and not yet returned by `advance`
        self.down = False
        self.groups_cleaned = self.alerts_cleaned = LONG_AGO

    def receive(self, alerts: Sequence[Alert], t: int) -> None:
        """Store alerts at t, as the API does; `advance` returns the notifications due before t."""
        self.unreported += self._run(t - 1)
        for alert in alerts:
            alert = merge_alerts(self.alerts.get(alert.labels), alert._replace(updated_at=t), t)
            self.alerts[alert.labels] = alert
            for route in self.config.route.match(dict(alert.labels)):
                self._insert(alert, route, t)

    def advance(self, t: int) -> list[Notification]:
        """Let time pass up to and including t; the notifications in order of time."""
        sent, self.unreported = self.unreported + self._run(t), []
        return sent

    def _run(self, t: int) -> list[Notification]:
        sent: list[Notification] = []
        while True:
            due = self.next_flush()
            if due is None or due > t:
                break
            self._clean_up(due)
            for group in [g for g in self.groups.values() if g.next_flush == due]:
                sent += self._flush(group, due)
        self._clean_up(t + 1)
        return sent

    def next_flush(self) -> int | None:
        """The time of the next flush of any group, ms."""
        return min([group.next_flush for group in self.groups.values()], default=None)

    def stop(self, t: int) -> None:
        """End the process at t: silences and the notification log are on disk, alerts are not."""
        self.unreported += self._run(t - 1)
        self.alerts, self.groups, self.down = {}, {}, True

    def mark_undelivered(self, sent: Notification) -> None:
        """Undo a failed notification: its group will send the same again.

        Resolved alerts stay in the group until they are notified.
        """
        key = (sent.group_key, sent.receiver, sent.integration)
        before = self.log_before.get(key)
        if before is None:
            self.log.pop(key, None)
        else:
            self.log[key] = before
        for alert in sent.resolved:
            for route in self.config.route.match(dict(alert.labels)):
                group = self._group(alert, route, sent.t + sent.retry_window)
                group.alerts.setdefault(alert.labels, alert)

    def silence(self, matchers: str | Conditions, starts: int, ends: int, by: str) -> str:
        """Mute matching alerts from starts to ends; returns the silence's id."""
        if self.down:
            raise AlertmanagerUnreachable("connect to alertmanager: connection refused")
        conditions = parse_matchers(matchers) if isinstance(matchers, str) else tuple(matchers)
        if not conditions or all(c.holds({}) for c in conditions):
            raise MatcherError("a silence needs a matcher that does not match the empty label")
        if ends <= starts:
            raise ValueError(
                f"a silence must end after it starts: it lasts {format_ms(ends - starts)}"
            )
        self.silences_created += 1
        id = str(self.silences_created)
        self.silences[id] = AlertSilence(id, conditions, starts, ends, by)
        return id

    def _insert(self, alert: Alert, route: Route, t: int) -> None:
        group = self._group(alert, route, t + route.group_wait)
        first = not group.alerts if self.version != "0.25" else not group.flushed
        group.alerts[alert.labels] = alert
        # An old alert does not wait; in 0.34 only if it creates the group.
        if first and alert.starts_at + route.group_wait < t:
            group.next_flush = t

    def _group(self, alert: Alert, route: Route, flush: int) -> AggregationGroup:
        """The group of an alert in a route; a new one flushes at `flush`."""
        labels = alert.labels
        if not route.group_by_all:
            labels = tuple(pair for pair in labels if pair[0] in route.group_by)
        key = (route.path, labels)
        if key not in self.groups:
            self.groups[key] = AggregationGroup(route, labels, flush)
        return self.groups[key]

    def _flush(self, group: AggregationGroup, t: int) -> list[Notification]:
        group.next_flush = t + group.route.group_interval
        group.flushed = True
        if not group.alerts:
            return []
        alerts = sorted(group.alerts.values(), key=sort_key)
        sent = self._notify(group, alerts, t)
        for alert in alerts:
            if alert.resolved(t):
                del group.alerts[alert.labels]
        if not group.alerts and self.version != "0.25":
            self._remove_group(group)
        return sent

    def _notify(
        self, group: AggregationGroup, alerts: Sequence[Alert], t: int
    ) -> list[Notification]:
        route, epoch = group.route, self.start + t
        sources = list(self.alerts.values()) if self.config.inhibitions else []
        if route.active and not self.config.intervals.any_at(route.active, epoch):
            return []
        if route.mute and self.config.intervals.any_at(route.mute, epoch):
            return []
        unmuted = [
            alert
            for alert in alerts
            if not inhibited(alert, self.config.inhibitions, sources, t)
            and not self._silenced(alert.labels, t)
        ]
        if not unmuted:
            return []
        receiver = self.config.receivers[route.receiver]
        sent = [
            self._notify_integration(group, receiver.name, integration, unmuted, t)
            for integration in receiver.integrations
        ]
        return [notification for notification in sent if notification is not None]

    def _notify_integration(
        self,
        group: AggregationGroup,
        receiver: str,
        integration: Integration,
        alerts: list[Alert],
        t: int,
    ) -> Notification | None:
        firing = frozenset(alert.labels for alert in alerts if not alert.resolved(t))
        resolved = frozenset(alert.labels for alert in alerts if alert.resolved(t))
        key = (group.key, receiver, str(integration))
        last = self.log.get(key)
        repeat = group.route.repeat_interval
        if not needs_update(last, firing, resolved, integration.send_resolved, repeat, t):
            return None
        self.log_before[key], self.log[key] = last, LastNotification(t, firing, resolved)
        if not integration.send_resolved:
            alerts = [alert for alert in alerts if not alert.resolved(t)]
        if not alerts:
            return None
        return Notification(
            t,
            receiver,
            str(integration),
            group.labels,
            group.key,
            "firing" if firing else "resolved",
            tuple(alerts),
            group.route.group_interval,
        )

    def _silenced(self, labels: Labels, t: int) -> bool:
        by_name = dict(labels)
        return any(silence.mutes(by_name, t) for silence in self.silences.values())

    def _remove_group(self, group: AggregationGroup) -> None:
        for key in [key for key, other in self.groups.items() if other is group]:
            del self.groups[key]

    def _clean_up(self, before: int) -> None:
        """Do the clean-ups that are due before a time."""
        last = (before - 1) // GROUP_CLEANUP * GROUP_CLEANUP
        if last > self.groups_cleaned:
            self.groups_cleaned = last
            if self.version == "0.25":
                for group in [g for g in self.groups.values() if not g.alerts]:
                    self._remove_group(group)
        last = (before - 1) // ALERT_CLEANUP * ALERT_CLEANUP
        if last > self.alerts_cleaned:
            self.alerts_cleaned = last
            for labels in [a.labels for a in self.alerts.values() if a.resolved(last)]:
                del self.alerts[labels]
