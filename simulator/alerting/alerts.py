"""The alerts of a rule, each from pending to firing to resolved."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.telemetry.store import Labels

RESOLVED_RETENTION = 15 * 60_000  # ms; for so long Prometheus resends a resolved alert
RESEND_DELAY = 60_000  # ms; an unchanged alert is resent after this
VALID_RESENDS = 4  # an alert that is not resent ends after this many resend delays


class Alert(NamedTuple):
    """An alert as Prometheus sends it to Alertmanager.

    Examples
    --------
    >>> Alert((("alertname", "Down"),), (), 0, 240_000).resolved(240_000)
    True
    """

    labels: Labels
    annotations: Labels
    starts_at: int  # ms
    ends_at: int  # ms; in the future while it fires
    updated_at: int = 0
    timed_out: bool = False  # Alertmanager set the end, not the sender
    generator: str = ""

    @property
    def name(self) -> str:
        """The alertname."""
        return dict(self.labels).get("alertname", "")

    def resolved(self, t: int) -> bool:
        """Whether it has ended by t."""
        return self.ends_at <= t


class AlertChange(NamedTuple):
    """A change of an alert's state."""

    alert: str
    labels: Labels
    state: str  # "inactive", "pending", "firing", "resolved"
    value: float
    t: int
    annotations: Labels


# The annotations of a value: expanded only when an alert changes or is sent.
Annotate = Callable[[float], Labels]


@dataclass(slots=True)
class ActiveAlert:
    """One label set of an alerting rule, for as long as Prometheus keeps it."""

    labels: Labels
    annotate: Annotate
    value: float
    active_at: int
    state: str = "pending"  # "pending", "firing", "inactive"
    fired_at: int | None = None
    resolved_at: int | None = None
    last_sent: int | None = None
    valid_until: int = 0
    keep_firing_since: int | None = None

    @property
    def annotations(self) -> Labels:
        """The annotations of the latest value."""
        return self.annotate(self.value)

    def needs_sending(self, t: int) -> bool:
        """Whether it is due to be sent to Alertmanager."""
        if self.state == "pending":
            return False
        if self.last_sent is None:
            return True
        if self.resolved_at is not None and self.resolved_at > self.last_sent:
            return True
        return self.last_sent + RESEND_DELAY < t

    def send(self, t: int, interval: int) -> Alert:
        """The alert as sent at t by a group with this interval."""
        self.last_sent = t
        self.valid_until = t + VALID_RESENDS * max(interval, RESEND_DELAY)
        ends = self.valid_until if self.resolved_at is None else self.resolved_at
        starts = self.active_at if self.fired_at is None else self.fired_at
        return Alert(self.labels, self.annotations, starts, ends)


class AlertStates:
    """The alerts of one alerting rule.

    Parameters
    ----------
    hold, keep_firing_for : int, ms

    Examples
    --------
    >>> states = AlertStates("Down", hold=60_000)
    >>> down = {(("alertname", "Down"),): (1.0, lambda value: ())}
    >>> [[change.state for change in states.step(down, t)] for t in (0, 30_000, 60_000)]
    [['pending'], [], ['firing']]
    >>> [change.state for change in states.step({}, 90_000)]
    ['resolved']
    """

    def __init__(self, name: str, hold: int = 0, keep_firing_for: int = 0) -> None:
        self.name, self.hold, self.keep_firing_for = name, hold, keep_firing_for
        self.active: dict[Labels, ActiveAlert] = {}
        self._matching: list[ActiveAlert] = []  # in the order of the last step
        self._steady_until = -math.inf

    def steady(self, t: int) -> bool:
        """Whether a step at t with the same label sets would change no state."""
        return t < self._steady_until

    def update_values(self, values: Sequence[float]) -> None:
        """Set new values of the last step's label sets, in a steady state."""
        for alert, value in zip(self._matching, values, strict=True):
            alert.value = value

    def step(self, matching: dict[Labels, tuple[float, Annotate]], t: int) -> list[AlertChange]:
        """Apply the result of the rule's expression at t: labels to (value, annotations)."""
        changes: list[AlertChange] = []
        for labels, (value, annotate) in matching.items():
            existing = self.active.get(labels)
            if existing is not None and existing.state != "inactive":
                existing.value, existing.annotate = value, annotate
            else:
                alert = self.active[labels] = ActiveAlert(labels, annotate, value, t)
                if self.hold > 0:
                    changes.append(self._change(alert, "pending", t))
        for labels in list(self.active):
            alert = self.active[labels]
            if labels not in matching:
                if not self._end_condition(alert, t, changes):
                    continue
            else:
                alert.keep_firing_since = None
            if alert.state == "pending" and t - alert.active_at >= self.hold:
                alert.state, alert.fired_at = "firing", t
                changes.append(self._change(alert, "firing", t))
        self._matching = [self.active[labels] for labels in matching]
        firing_at = [a.active_at + self.hold for a in self._matching if a.state == "pending"]
        # Resolved alerts are removed at a time of their own: with them no state is steady.
        only_matching = len(self.active) == len(matching)
        self._steady_until = min(firing_at, default=math.inf) if only_matching else -math.inf
        return changes

    def _end_condition(self, alert: ActiveAlert, t: int, changes: list[AlertChange]) -> bool:
        """Resolve or remove an alert whose condition is false; true if it is kept firing."""
        if alert.state == "firing" and self.keep_firing_for > 0:
            if alert.keep_firing_since is None:
                alert.keep_firing_since = t
            if t - alert.keep_firing_since < self.keep_firing_for:
                return True
        if alert.state == "pending":
            del self.active[alert.labels]
            changes.append(self._change(alert, "inactive", t))
        elif alert.state == "firing":
            alert.state, alert.resolved_at = "inactive", t
            changes.append(self._change(alert, "resolved", t))
        elif alert.resolved_at is not None and t - alert.resolved_at > RESOLVED_RETENTION:
            del self.active[alert.labels]
        return False

    def _change(self, alert: ActiveAlert, state: str, t: int) -> AlertChange:
        return AlertChange(self.name, alert.labels, state, alert.value, t, alert.annotations)

    def pending_or_firing(self) -> list[ActiveAlert]:
        """The alerts that are not resolved."""
        return [alert for alert in self.active.values() if alert.state != "inactive"]

    def send_due(self, t: int, interval: int) -> list[Alert]:
        """The alerts to send to Alertmanager at t."""
        return [a.send(t, interval) for a in self.active.values() if a.needs_sending(t)]


def with_external_labels(alert: Alert, external: Labels) -> Alert:
    """The alert with the external labels that it does not have itself."""
    if not external:
        return alert
    merged = {**dict(external), **dict(alert.labels)}
    return alert._replace(labels=tuple(sorted(merged.items())))
