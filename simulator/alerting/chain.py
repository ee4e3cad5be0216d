"""From a rule to a person's pager: the chain that alerts pass, any link of which may fail.

Prometheus evaluates and posts its alerts; Alertmanager groups and notifies; a receiver takes
a notification or answers with an error and is tried again. Each link does its work only as
far as the laws of the tick let it, and what follows (alerts that end by themselves four
minutes after the last post, groups forgotten by a restart) follows from the real programs'
own rules.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from simulator.alerting.alertmanager import Alertmanager, Notification
from simulator.alerting.alerts import AlertChange
from simulator.alerting.rules import RuleEvaluator
from simulator.pipeline.monitoring import Failing, Watching, failed

# Alertmanager's own back-off between attempts, its jitter left out.
# https://github.com/prometheus/alertmanager/blob/main/notify/notify.go (RetryStage)
FIRST_WAIT, GROWTH, LONGEST_WAIT = 500, 1.5, 60_000  # ms
REFUSED = "unexpected status code 503"


class Attempt(NamedTuple):
    """One notification tried at a receiver."""

    notification: Notification
    number: int
    arrived: bool
    last: bool = False  # there will be no other

    @property
    def said(self) -> tuple[str, str] | None:
        """The line that Alertmanager logs of it, with its level; it tells the first failure."""
        sent = self.notification
        place = f"receiver={sent.receiver} integration={sent.integration} attempts={self.number}"
        if self.arrived:
            return ("INFO", f"Notify success {place}") if self.number > 1 else None
        if self.last:
            why = f"notify retry canceled after {self.number} attempts: {REFUSED}"
            return "ERROR", f"Notify for alerts failed {place} err={why!r}"
        if self.number == 1:
            return "WARNING", f"Notify attempt failed, will retry later {place} err={REFUSED!r}"
        return None


class _Retry(NamedTuple):
    notification: Notification
    number: int
    at: int
    over: bool = False  # the group is due again then: no more attempts


class Chain:
    """The rules, Alertmanager and the way to its receivers, in one run.

    Parameters
    ----------
    rules : RuleEvaluator
    alertmanager : Alertmanager
    counts : Counter of str
        What both programs count of themselves; telemetry reads it.
    seed : int
    """

    def __init__(
        self, rules: RuleEvaluator, alertmanager: Alertmanager, counts: Counter[str], seed: int
    ) -> None:
        self.rules, self.alertmanager = rules, alertmanager
        self.counts, self.seed = counts, seed
        self.retries: list[_Retry] = []

    def evaluate(self, t: int, laws: Watching, hits: dict[str, int]) -> list[AlertChange]:
        """Evaluate the rules that are due at t and post the alerts; what changed.

        `hits` gets the units of work on which each fault bit.
        """
        self._start_or_stop(t, laws)
        due = self.rules.groups_due(t)
        if not due:
            return []
        self.counts["prometheus_rule_group_iterations_total"] += due
        if laws.rules_stalled:
            self.counts["prometheus_rule_group_iterations_missed_total"] += due
            _hit(hits, laws.rules_stalled, due)
            return []
        failures = len(self.rules.failures)
        changes = self.rules.evaluate(t)
        new = len(self.rules.failures) - failures
        self.counts["prometheus_rule_evaluation_failures_total"] += new
        alerts = self.rules.outgoing(t)
        self.counts["prometheus_notifications_sent_total"] += len(alerts)
        if laws.alertmanager_down:
            # Not kept: an alert that still fires is posted again a minute later.
            self.counts["prometheus_notifications_errors_total"] += len(alerts)
            self.counts["prometheus_notifications_dropped_total"] += len(alerts)
            _hit(hits, laws.alertmanager_down, len(alerts))
        else:
            self.alertmanager.receive(alerts, t)
        return changes

    def notify(self, t: int, laws: Watching, hits: dict[str, int]) -> list[Attempt]:
        """Let Alertmanager go on to t; every attempt at a receiver, in order of time."""
        self._start_or_stop(t, laws)
        if laws.alertmanager_down:
            return []
        # Whoever was not told is told at the same flush that ends the attempts.
        made = [self._give_up(one) for one in self._take(t, over=True)]
        for sent in self.alertmanager.advance(t):
            kind = sent.integration.partition("[")[0]
            self.counts[f"alertmanager_notifications_total/{kind}"] += 1
            made.append(self._try(_Retry(sent, 1, sent.t), laws, hits))
        while due := self._take(t, over=False):
            made += [self._try(one, laws, hits) for one in due]
        return made

    def _take(self, t: int, over: bool) -> list[_Retry]:
        """What is due at t, no longer waiting."""
        due = [one for one in self.retries if one.at <= t and one.over == over]
        self.retries = [one for one in self.retries if one not in due]
        return due

    def _try(self, one: _Retry, laws: Watching, hits: dict[str, int]) -> Attempt:
        sent = one.notification
        refusing: list[Failing] = laws.receivers.get(sent.receiver, [])
        kind = sent.integration.partition("[")[0]
        self.counts[f"alertmanager_notification_requests_total/{kind}"] += 1
        # By what is sent and the attempt, so that another notification shifts no luck.
        what = f"receiver/{sent.receiver}/{sent.integration}/{sent.group_key}/{one.number}"
        faults = failed(refusing, what, sent.t, self.seed)
        if not faults:
            return Attempt(sent, one.number, True)
        _hit(hits, faults, 1)
        self.counts[f"alertmanager_notification_requests_failed_total/{kind}"] += 1
        at = one.at + round(min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** (one.number - 1)))
        ends = sent.t + sent.patience
        again = _Retry(sent, one.number + 1, at) if at < ends else one._replace(at=ends, over=True)
        self.retries.append(again)
        return Attempt(sent, one.number, False)

    def _give_up(self, one: _Retry) -> Attempt:
        kind = one.notification.integration.partition("[")[0]
        self.counts[f"alertmanager_notifications_failed_total/{kind}"] += 1
        self.alertmanager.undelivered(one.notification)
        return Attempt(one.notification, one.number, False, last=True)

    def _start_or_stop(self, t: int, laws: Watching) -> None:
        down = bool(laws.alertmanager_down)
        if down and not self.alertmanager.down:
            self.alertmanager.stop(t)
            self.retries = []
            for name in [name for name in self.counts if name.startswith("alertmanager_")]:
                del self.counts[name]
        elif self.alertmanager.down and not down:
            self.alertmanager.down = False


def _hit(hits: dict[str, int], faults: list[str], units: int) -> None:
    for fault in faults if units else ():
        hits[fault] = hits.get(fault, 0) + units
