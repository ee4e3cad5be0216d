"""Silences and inhibition: why a firing alert is not notified."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.alerting.alerts import Alert
from simulator.alerting.matchers import Conditions, all_hold
from simulator.alerting.routing import Inhibition


@dataclass
class AlertSilence:
    """Mutes matching alerts for a time.

    Examples
    --------
    >>> from simulator.alerting.matchers import parse_matchers
    >>> silence = AlertSilence("1", parse_matchers('job="api"'), 0, 60_000, "ada")
    >>> silence.mutes({"job": "api"}, 30_000), silence.mutes({"job": "api"}, 60_000)
    (True, False)
    """

    id: str
    matchers: Conditions
    starts: int  # ms
    ends: int  # ms, excluded
    by: str

    def mutes(self, labels: dict[str, str], t: int) -> bool:
        """Whether an alert with these labels is silenced at t."""
        return self.starts <= t < self.ends and all_hold(self.matchers, labels)


def inhibited(alert: Alert, rules: Sequence[Inhibition], alerts: Sequence[Alert], t: int) -> bool:
    """Whether another alert that fires at t mutes this one.

    An alert on both sides of a rule is not muted by another alert on both sides, hence not by
    itself. A missing label of `equal` counts as empty.
    """
    labels = dict(alert.labels)
    for rule in rules:
        if not all_hold(rule.target, labels):
            continue
        on_source_side = all_hold(rule.source, labels)
        values = [labels.get(name, "") for name in rule.equal]
        for other in alerts:
            source = dict(other.labels)
            if other.resolved(t) or not all_hold(rule.source, source):
                continue
            if on_source_side and all_hold(rule.target, source):
                continue
            if [source.get(name, "") for name in rule.equal] == values:
                return True
    return False
