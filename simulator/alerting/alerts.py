"""What an alerting rule remembers: each of its alerts from pending to firing to resolved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.telemetry.store import Labels

KEPT_RESOLVED = 15 * 60_000  # Prometheus keeps a resolved alert so that Alertmanager hears of it
RESEND = 60_000  # an unchanged alert is sent again when this has passed
LIVES = 4  # an alert not sent again is over after this many sendings


class Alert(NamedTuple):
    """An alert as it goes from Prometheus to Alertmanager.

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
    timed_out: bool = False  # its end was set by Alertmanager, not by the sender
    generator: str = ""

    @property
    def name(self) -> str:
        """Its alertname."""
        return dict(self.labels).get("alertname", "")

    def resolved(self, t: int) -> bool:
        """Whether it has ended by then."""
        return self.ends_at <= t


class AlertChange(NamedTuple):
    """An alert that went from one state to another."""

    alert: str
    labels: Labels
    state: str  # "inactive", "pending", "firing", "resolved"
    value: float
    t: int
    annotations: Labels


# An alert's annotations, given its value: asked when it changes or is sent, not at every
# evaluation.
Describe = Callable[[float], Labels]


@dataclass(slots=True)
class ActiveAlert:
    """One label set of an alerting rule, for as long as Prometheus remembers it."""

    labels: Labels
    describe: Describe
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
        """What its annotations say of its latest value."""
        return self.describe(self.value)

    def needs_sending(self, t: int) -> bool:
        """Whether Alertmanager is to hear of it now."""
        if self.state == "pending":
            return False
        if self.last_sent is None:
            return True
        if self.resolved_at is not None and self.resolved_at > self.last_sent:
            return True
        return self.last_sent + RESEND < t

    def sent(self, t: int, interval: int) -> Alert:
        """The alert as it is sent at t by a group of this interval."""
        self.last_sent = t
        self.valid_until = t + LIVES * max(interval, RESEND)
        ends = self.valid_until if self.resolved_at is None else self.resolved_at
        starts = self.active_at if self.fired_at is None else self.fired_at
        return Alert(self.labels, self.annotations, starts, ends)


class AlertStates:
    """All alerts of one alerting rule.

    Parameters
    ----------
    name : str
    hold, keep_firing_for : int, ms

    Examples
    --------
    >>> states = AlertStates("Down", hold=60_000)
    >>> down = {(("alertname", "Down"),): (1.0, lambda value: ())}
    >>> [[c.state for c in states.step(down, t)] for t in (0, 30_000, 60_000)]
    [['pending'], [], ['firing']]
    >>> [c.state for c in states.step({}, 90_000)]
    ['resolved']
    """

    def __init__(self, name: str, hold: int = 0, keep_firing_for: int = 0) -> None:
        self.name, self.hold, self.keep_firing_for = name, hold, keep_firing_for
        self.active: dict[Labels, ActiveAlert] = {}
        self._found: list[ActiveAlert] = []  # at the last step, in order
        self._steady_until = -math.inf

    def steady(self, t: int) -> bool:
        """Whether a step at t that finds what the last one found would change no state."""
        return t < self._steady_until

    def keep(self, values: Sequence[float]) -> None:
        """Take in new values of what the last step found, in a steady state."""
        for alert, value in zip(self._found, values, strict=True):
            alert.value = value

    def step(self, found: dict[Labels, tuple[float, Describe]], t: int) -> list[AlertChange]:
        """Take in what the rule's expression yields at t: labels to (value, annotations)."""
        changes: list[AlertChange] = []
        for labels, (value, describe) in found.items():
            known = self.active.get(labels)
            if known is not None and known.state != "inactive":
                known.value, known.describe = value, describe
            else:
                alert = self.active[labels] = ActiveAlert(labels, describe, value, t)
                if self.hold > 0:
                    changes.append(self._change(alert, "pending", t))
        for labels in list(self.active):
            alert = self.active[labels]
            if labels not in found:
                if not self._missing(alert, t, changes):
                    continue
            else:
                alert.keep_firing_since = None
            if alert.state == "pending" and t - alert.active_at >= self.hold:
                alert.state, alert.fired_at = "firing", t
                changes.append(self._change(alert, "firing", t))
        self._found = [self.active[labels] for labels in found]
        waiting = [a.active_at + self.hold for a in self._found if a.state == "pending"]
        # What is over is forgotten at a time of its own.
        alone = len(self.active) == len(found)
        self._steady_until = min(waiting, default=math.inf) if alone else -math.inf
        return changes

    def _missing(self, alert: ActiveAlert, t: int, changes: list[AlertChange]) -> bool:
        """An alert whose condition holds no more; whether it is kept firing."""
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
        elif alert.resolved_at is not None and t - alert.resolved_at > KEPT_RESOLVED:
            del self.active[alert.labels]
        return False

    def _change(self, alert: ActiveAlert, state: str, t: int) -> AlertChange:
        return AlertChange(self.name, alert.labels, state, alert.value, t, alert.annotations)

    def current(self) -> list[ActiveAlert]:
        """The alerts that are pending or firing."""
        return [alert for alert in self.active.values() if alert.state != "inactive"]

    def to_send(self, t: int, interval: int) -> list[Alert]:
        """What Alertmanager is to hear of at t."""
        return [a.sent(t, interval) for a in self.active.values() if a.needs_sending(t)]


def with_external(alert: Alert, external: Labels) -> Alert:
    """The alert with external labels, where it has none of that name itself."""
    if not external:
        return alert
    merged = {**dict(external), **dict(alert.labels)}
    return alert._replace(labels=tuple(sorted(merged.items())))
