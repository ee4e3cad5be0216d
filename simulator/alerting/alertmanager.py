"""Alertmanager in simulated time: who is notified of which alerts, when.

Alerts come in by `receive`; `advance` lets time pass and yields what is sent. Each group of a
route has a timer: `group_wait` after its first alert, then every `group_interval`, for ever. At
each tick alerts are inhibited, muted by time, silenced, and what is left is compared with what
was last sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.alerting.alertmanager_config import load_alertmanager
from simulator.alerting.alerts import Alert
from simulator.alerting.matchers import Conditions, MatcherError, parse_matchers
from simulator.alerting.notifications import (
    AggregationGroup,
    Notification,
    Sent,
    listed,
    merged,
    needs_update,
)
from simulator.alerting.receivers import Integration
from simulator.alerting.routing import AlertmanagerConfig, Route
from simulator.alerting.silences import AlertSilence, inhibited
from simulator.telemetry.store import Labels
from simulator.units import format_ms

__all__ = [
    "Alert",
    "AlertSilence",
    "Alertmanager",
    "AlertmanagerConfig",
    "AlertmanagerUnreachable",
    "MatcherError",
    "Notification",
    "load_alertmanager",
]

CLEAN_UP = 30_000  # ms; 0.25 looks for empty groups this often
FORGET = 30 * 60_000  # ms; resolved alerts are forgotten this often
LONG_AGO = -(10**15)  # ms
VERSIONS = ("0.25", "0.34")


class AlertmanagerUnreachable(ValueError):
    """Nobody answers at its address."""


class Alertmanager:
    """Groups, routes and notifies.

    Parameters
    ----------
    config : AlertmanagerConfig
    start_ms_epoch : int
        What time 0 is on the calendar, ms since 1970; for time intervals.
    version : str
        '0.34', or '0.25', in which an emptied group keeps its timer until the next clean-up.

    Examples
    --------
    >>> config = load_alertmanager('''
    ... route: {receiver: mail, group_by: [alertname]}
    ... receivers: [{name: mail, webhook_configs: [{url: "http://localhost/"}]}]
    ... ''', "alertmanager.yml")
    >>> alertmanager = Alertmanager(config)
    >>> alertmanager.receive([Alert((("alertname", "Down"),), (), 0, 240_000)], 0)
    >>> alertmanager.next_at()
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
        self.log: dict[tuple[str, str, str], Sent] = {}
        self.silences: dict[str, AlertSilence] = {}
        self.told: list[Notification] = []
        self.before: dict[tuple[str, str, str], Sent | None] = {}  # as `log`, one notification ago
        self.made = 0
        self.down = False
        self.cleaned = self.forgot = LONG_AGO

    def receive(self, alerts: Sequence[Alert], t: int) -> None:
        """Take in alerts at t, as the API does; what was due before t is told by `advance`."""
        self.told += self._run(t - 1)
        for alert in alerts:
            alert = merged(self.alerts.get(alert.labels), alert._replace(updated_at=t), t)
            self.alerts[alert.labels] = alert
            for route in self.config.route.match(dict(alert.labels)):
                self._insert(alert, route, t)

    def advance(self, t: int) -> list[Notification]:
        """Let time pass up to and including t; what is sent, in order of time."""
        sent, self.told = self.told + self._run(t), []
        return sent

    def _run(self, t: int) -> list[Notification]:
        sent: list[Notification] = []
        while True:
            due = self.next_at()
            if due is None or due > t:
                break
            self._clean_up(due)
            for group in [g for g in self.groups.values() if g.next_flush == due]:
                sent += self._flush(group, due)
        self._clean_up(t + 1)
        return sent

    def next_at(self) -> int | None:
        """When the next group flushes, ms."""
        return min([group.next_flush for group in self.groups.values()], default=None)

    def stop(self, t: int) -> None:
        """Its process ends at t. Silences and what was last sent are on disk; alerts are not."""
        self.told += self._run(t - 1)
        self.alerts, self.groups, self.down = {}, {}, True

    def undelivered(self, sent: Notification) -> None:
        """A notification did not get through: its group will say the same again.

        What was resolved stays in the group until somebody was told.
        """
        place = (sent.group_key, sent.receiver, sent.integration)
        before = self.before.get(place)
        if before is None:
            self.log.pop(place, None)
        else:
            self.log[place] = before
        for alert in sent.resolved:
            for route in self.config.route.match(dict(alert.labels)):
                group = self._group(alert, route, sent.t + sent.patience)
                group.alerts.setdefault(alert.labels, alert)

    def silence(self, matchers: str | Conditions, starts: int, ends: int, by: str) -> str:
        """Mute what matches from starts to ends; the silence's id."""
        if self.down:
            raise AlertmanagerUnreachable("connect to alertmanager: connection refused")
        conditions = parse_matchers(matchers) if isinstance(matchers, str) else tuple(matchers)
        if not conditions or all(c.holds({}) for c in conditions):
            raise MatcherError("a silence needs a matcher that does not match the empty label")
        if ends <= starts:
            raise ValueError(
                f"a silence must end after it starts: it lasts {format_ms(ends - starts)}"
            )
        self.made += 1
        self.silences[str(self.made)] = AlertSilence(str(self.made), conditions, starts, ends, by)
        return str(self.made)

    def _insert(self, alert: Alert, route: Route, t: int) -> None:
        group = self._group(alert, route, t + route.group_wait)
        first = not group.alerts if self.version != "0.25" else not group.flushed
        group.alerts[alert.labels] = alert
        # An alert that began long ago does not wait; in 0.34 only if it makes the group.
        if first and alert.starts_at + route.group_wait < t:
            group.next_flush = t

    def _group(self, alert: Alert, route: Route, flush: int) -> AggregationGroup:
        """The group of a route that an alert belongs to, made to flush then if there is none."""
        labels = alert.labels
        if not route.group_by_all:
            labels = tuple(pair for pair in labels if pair[0] in route.group_by)
        place = (route.path, labels)
        if place not in self.groups:
            self.groups[place] = AggregationGroup(route, labels, flush)
        return self.groups[place]

    def _flush(self, group: AggregationGroup, t: int) -> list[Notification]:
        group.next_flush = t + group.route.group_interval
        group.flushed = True
        if not group.alerts:
            return []
        alerts = sorted(group.alerts.values(), key=listed)
        sent = self._notify(group, alerts, t)
        for alert in alerts:
            if alert.resolved(t):
                del group.alerts[alert.labels]
        if not group.alerts and self.version != "0.25":
            self._destroy(group)
        return sent

    def _notify(
        self, group: AggregationGroup, alerts: Sequence[Alert], t: int
    ) -> list[Notification]:
        route, known = group.route, self._known()
        left = [a for a in alerts if not inhibited(a, self.config.inhibitions, known, t)]
        epoch = self.start + t
        if route.active and not self.config.intervals.any_at(route.active, epoch):
            return []
        if route.mute and self.config.intervals.any_at(route.mute, epoch):
            return []
        left = [alert for alert in left if not self._silenced(alert.labels, t)]
        if not left:
            return []
        sent = []
        receiver = self.config.receivers[route.receiver]
        for integration in receiver.integrations:
            told = self._tell(group, receiver.name, integration, left, t)
            if told is not None:
                sent.append(told)
        return sent

    def _tell(
        self,
        group: AggregationGroup,
        receiver: str,
        integration: Integration,
        alerts: list[Alert],
        t: int,
    ) -> Notification | None:
        firing = frozenset(alert.labels for alert in alerts if not alert.resolved(t))
        resolved = frozenset(alert.labels for alert in alerts if alert.resolved(t))
        place = (group.key, receiver, str(integration))
        before = self.log.get(place)
        repeat = group.route.repeat_interval
        if not needs_update(before, firing, resolved, integration.send_resolved, repeat, t):
            return None
        self.before[place], self.log[place] = before, Sent(t, firing, resolved)
        told = alerts
        if not integration.send_resolved:
            told = [alert for alert in alerts if not alert.resolved(t)]
        if not told:
            return None
        status = "firing" if firing else "resolved"
        return Notification(
            t,
            receiver,
            str(integration),
            group.labels,
            group.key,
            status,
            tuple(told),
            group.route.group_interval,
        )

    def _known(self) -> list[Alert]:
        return list(self.alerts.values()) if self.config.inhibitions else []

    def _silenced(self, labels: Labels, t: int) -> bool:
        have = dict(labels)
        return any(silence.mutes(have, t) for silence in self.silences.values())

    def _destroy(self, group: AggregationGroup) -> None:
        for place in [place for place, other in self.groups.items() if other is group]:
            del self.groups[place]

    def _clean_up(self, before: int) -> None:
        """What happened at clean-ups before this time."""
        last = (before - 1) // CLEAN_UP * CLEAN_UP
        if last > self.cleaned:
            self.cleaned = last
            if self.version == "0.25":
                for group in [g for g in self.groups.values() if not g.alerts]:
                    self._destroy(group)
        last = (before - 1) // FORGET * FORGET
        if last > self.forgot:
            self.forgot = last
            for labels in [a.labels for a in self.alerts.values() if a.resolved(last)]:
                del self.alerts[labels]
