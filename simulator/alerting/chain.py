"""The chain from a rule to a receiver; any link may fail.

Prometheus evaluates rules and posts alerts; Alertmanager groups and notifies; a receiver accepts
a notification, or answers with an error and is retried. Each link works only as far as the laws
of the tick allow, and the consequences (alerts that end four minutes after the last post, groups
lost at a restart) follow from the real programs' own rules.
"""

from collections import Counter
from typing import NamedTuple

from simulator.alerting.alertmanager import Alertmanager, Notification
from simulator.alerting.alerts import AlertChange
from simulator.alerting.rule_evaluator import RuleEvaluator
from simulator.pipeline.monitoring import FailureLaw, MonitoringLaws, failing_faults
from simulator.telemetry.link_counts import ALERTMANAGER, RULES, LinkCounts

# Alertmanager's own back-off between attempts, without its jitter.
# https://github.com/prometheus/alertmanager/blob/main/notify/notify.go (RetryStage)
FIRST_WAIT, GROWTH, LONGEST_WAIT = 500, 1.5, 60_000  # ms
REFUSED = "unexpected status code 503"


class Attempt(NamedTuple):
    """One attempt to send a notification to a receiver."""

    notification: Notification
    number: int
    delivered: bool
    last: bool = False  # the notification is given up

    @property
    def log_line(self) -> tuple[str, str] | None:
        """Alertmanager's log line, with its level; of the failures only the first is logged."""
        sent = self.notification
        place = f"receiver={sent.receiver} integration={sent.integration} attempts={self.number}"
        if self.delivered:
            return ("INFO", f"Notify success {place}") if self.number > 1 else None
        if self.last:
            why = f"notify retry canceled after {self.number} attempts: {REFUSED}"
            return "ERROR", f"Notify for alerts failed {place} err={why!r}"
        if self.number == 1:
            return "WARNING", f"Notify attempt failed, will retry later {place} err={REFUSED!r}"
        return None


class _Retry(NamedTuple):
    """The next attempt of a notification, or its end."""

    notification: Notification
    number: int
    at: int
    gives_up: bool = False  # the group is due again at `at`: no more attempts


class Chain:
    """The rules, Alertmanager and the way to its receivers, in one run.

    Parameters
    ----------
    counts : Counter of str
        Both programs' own counters; telemetry reads them.
    links : LinkCounts
        Of the whole run: a restart of a program resets its own counters only.
    """

    def __init__(
        self,
        rules: RuleEvaluator,
        alertmanager: Alertmanager,
        counts: Counter[str],
        links: LinkCounts,
        seed: int,
    ) -> None:
        self.rules, self.alertmanager = rules, alertmanager
        self.counts, self.links, self.seed = counts, links, seed
        self.retries: list[_Retry] = []

    def evaluate(self, t: int, laws: MonitoringLaws, hits: dict[str, int]) -> list[AlertChange]:
        """Evaluate the rules due at t and post the alerts; returns the changes of state.

        `hits` counts the units of work that each fault affected.
        """
        self._start_or_stop(t, laws)
        due = self.rules.groups_due(t)
        if not due:
            return []
        self.counts["prometheus_rule_group_iterations_total"] += due
        self.links.count(RULES, due, 0 if laws.rules_stalled else due)
        if laws.rules_stalled:
            self.counts["prometheus_rule_group_iterations_missed_total"] += due
            _count_hits(hits, laws.rules_stalled, due)
            return []
        failures = len(self.rules.failures)
        changes = self.rules.evaluate(t)
        new = len(self.rules.failures) - failures
        self.counts["prometheus_rule_evaluation_failures_total"] += new
        alerts = self.rules.outgoing(t)
        self.links.count(ALERTMANAGER, 1, 0 if self.alertmanager.down else 1)
        self.counts["prometheus_notifications_sent_total"] += len(alerts)
        if laws.alertmanager_down:
            # Dropped: an alert that still fires is posted again a minute later.
            self.counts["prometheus_notifications_errors_total"] += len(alerts)
            self.counts["prometheus_notifications_dropped_total"] += len(alerts)
            _count_hits(hits, laws.alertmanager_down, len(alerts))
        else:
            self.alertmanager.receive(alerts, t)
        return changes

    def notify(self, t: int, laws: MonitoringLaws, hits: dict[str, int]) -> list[Attempt]:
        """Advance Alertmanager to t; every attempt at a receiver, in order of time."""
        self._start_or_stop(t, laws)
        if laws.alertmanager_down:
            return []
        # Given up at the flush that sends the same alerts again.
        attempts = [self._give_up(retry) for retry in self._take_due(t, gives_up=True)]
        for sent in self.alertmanager.advance(t):
            self._count("alertmanager_notifications_total", sent)
            attempts.append(self._attempt(_Retry(sent, 1, sent.t), laws, hits))
        while due := self._take_due(t, gives_up=False):
            attempts += [self._attempt(retry, laws, hits) for retry in due]
        return attempts

    def _take_due(self, t: int, gives_up: bool) -> list[_Retry]:
        """Remove and return the retries due at t."""
        due = [retry for retry in self.retries if retry.at <= t and retry.gives_up == gives_up]
        self.retries = [retry for retry in self.retries if retry not in due]
        return due

    def _attempt(self, retry: _Retry, laws: MonitoringLaws, hits: dict[str, int]) -> Attempt:
        sent = retry.notification
        failing: list[FailureLaw] = laws.receivers.get(sent.receiver, [])
        self._count("alertmanager_notification_requests_total", sent)
        # Keyed by notification and attempt, so that other notifications do not shift the draw.
        key = f"receiver/{sent.receiver}/{sent.integration}/{sent.group_key}/{retry.number}"
        faults = failing_faults(failing, key, sent.t, self.seed)
        self.links.count(f"receiver/{sent.receiver}", 1, 0 if faults else 1)
        if not faults:
            return Attempt(sent, retry.number, True)
        _count_hits(hits, faults, 1)
        self._count("alertmanager_notification_requests_failed_total", sent)
        at = retry.at + round(min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** (retry.number - 1)))
        ends = sent.t + sent.retry_window
        again = _Retry(sent, retry.number + 1, at)
        self.retries.append(again if at < ends else retry._replace(at=ends, gives_up=True))
        return Attempt(sent, retry.number, False)

    def _give_up(self, retry: _Retry) -> Attempt:
        self._count("alertmanager_notifications_failed_total", retry.notification)
        self.alertmanager.mark_undelivered(retry.notification)
        return Attempt(retry.notification, retry.number, False, last=True)

    def _count(self, metric: str, sent: Notification) -> None:
        self.counts[f"{metric}/{sent.integration.partition('[')[0]}"] += 1

    def _start_or_stop(self, t: int, laws: MonitoringLaws) -> None:
        down = bool(laws.alertmanager_down)
        if down and not self.alertmanager.down:
            self.alertmanager.stop(t)
            self.retries = []
            for name in [name for name in self.counts if name.startswith("alertmanager_")]:
                del self.counts[name]
        elif self.alertmanager.down and not down:
            self.alertmanager.down = False


def _count_hits(hits: dict[str, int], faults: list[str], units: int) -> None:
    for fault in faults if units else ():
        hits[fault] = hits.get(fault, 0) + units
